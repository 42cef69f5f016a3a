"""The captured pages and feeds, served under their own names over http and https, crawled by the real program.

What a person read off a page (tests/expected) is held against the article that a reader of the database gets. A field
that comes out otherwise is named in the record's `fails`, with the reason.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.kinds.feed import parse_feed
from crawler.urls import canonical
from storage.article import Article, StoredArticle
from storage.read_records import SourceStatus
from storage.reader import Reader
from tests.capture_site import ELSEWHERE, RECORDS, address, capture_site, captures, sources
from tests.program import PATIENCE, ROOT, command


@dataclass(frozen=True)
class Run:
    returncode: int
    stderr: str


@dataclass(frozen=True)
class Crawled:
    articles: dict[str, StoredArticle]
    stored: list[StoredArticle]
    sources: list[SourceStatus]
    run: Run
    again: Run


def field_of(name: str, field: str) -> Any:
    why = RECORDS[name].get("fails", {}).get(field)
    return pytest.param(name, field, id=f"{name}-{field}", marks=[pytest.mark.xfail(reason=why)] if why else [])


FIELDS = [field_of(name, field) for name, record in RECORDS.items() for field in record["expected"]]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """Crawled once, however many processes the tests are spread over: the first to come does it, the others wait."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "captures-crawled"
    folder.mkdir(exist_ok=True)
    done = folder / "runs.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            done.write_text(json.dumps([[run.returncode, run.stderr] for run in crawl(folder)]), "utf-8")
    run, again = (Run(*values) for values in json.loads(done.read_text("utf-8")))
    with Reader.open(folder / "karabakh.sqlite") as reader:
        stored = reader.search(None, limit=None)
        status = [one for one in reader.sources() if one.enabled]
    return Crawled({one.canonical_url: one for one in stored}, stored, status, run, again)


def crawl(folder: Path) -> Iterator[subprocess.CompletedProcess[str]]:
    """Everything once, then one source again."""
    with capture_site(folder) as config:
        environment = os.environ | {"SSL_CERT_FILE": str(folder / "ca.pem")}
        for arguments in ((), ("--all", "http-www-panarmenian-net")):
            yield subprocess.run(
                command(config, "crawl", *arguments),
                capture_output=True,
                text=True,
                encoding="utf-8",
                timeout=PATIENCE,
                cwd=ROOT,
                env=environment,
                check=False,
            )


def read(article: Article, field: str, expected: Any) -> Any:
    """What the article says in a record's field, in the record's form."""
    match field:
        case "published":
            return article.published == datetime.fromisoformat(expected) and expected
        case "precision":
            return article.published_precision
        case "authors":
            return list(article.authors)
        case "credit":
            return article.credit.name if article.credit else ""
        case "dateline":
            return article.dateline or ""
        case "first":
            return article.body[: len(expected)]
        case "last":
            return article.body[-len(expected) :]
        case "absent":
            return [text for text in expected if text not in article.body]
        case _:
            return getattr(article, field)


def url_of(name: str) -> str:
    return next(address(one) for one in captures() if one["file"] == f"captures/{RECORDS[name]['file']}")


@pytest.mark.parametrize(("name", "field"), FIELDS)
def test_a_stored_page_reads_as_a_person_read_it(crawled: Crawled, name: str, field: str) -> None:
    expected = RECORDS[name]["expected"][field]

    assert read(crawled.articles[canonical(url_of(name))], field, expected) == expected


def test_every_captured_page_is_stored_once_under_its_own_address(crawled: Crawled) -> None:
    pages = {canonical(address(one)) for one in captures() if one["kind"] == "article"}
    whole = [one for one in crawled.stored if one.text_source == "page"]

    assert {one.canonical_url for one in whole} == pages
    assert len(whole) == len(pages)
    assert {canonical(one.final_url) for one in whole} == pages
    assert {one.http_status for one in whole} == {200}


def test_a_page_listed_over_http_and_https_is_one_article_with_two_sightings(crawled: Crawled) -> None:
    twice = [
        canonical(address(one)) for one in captures() if address(one).startswith("http:") if one["kind"] == "article"
    ]

    assert len(twice) >= 10
    assert {len(crawled.articles[url].sightings) for url in twice} == {2}


def test_stories_of_captured_feeds_are_kept_in_the_feed_s_own_words(crawled: Crawled) -> None:
    for capture in captures():
        if capture["kind"] != "feed":
            continue
        source = next(one for one in sources() if one.url.startswith(f"https://{capture['outlet']}/"))
        now = datetime.fromisoformat("2026-11-24T00:00:00+00:00")
        for entry in parse_feed(source.body, source.url, now=now).entries:
            stored = crawled.articles[canonical(entry.link)]

            assert stored.text_source in {"summary", "feed"}
            assert (stored.title, stored.published) == (" ".join(entry.title.split()), entry.published)


@pytest.mark.parametrize(
    ("url", "title", "published", "first"),
    [
        (
            "https://azertag.az/xeber/naxchivan_seherinde_avtomobil_piyadani_vurub-4411239",
            "Naxçıvan şəhərində avtomobil piyadanı vurub",
            "2026-09-14T01:35:00+04:00",
            "",
        ),
        (
            "https://www.qafqazinfo.az/news/detail/qarabag-qelebe-qazana-bilmedi-521384",
            "“Qarabağ” qələbə qazana bilmədi",
            "2026-09-13T21:13:00+04:00",
            "Azərbaycan Premyer Liqasının 5-ci turunda",
        ),
        (
            "https://modern.az/az/dunya/789267/hormuzde-gemiye-hucum-oldu/",
            "Hörmüzdə gəmiyə hücum oldu",
            "2026-09-14T00:01:00+04:00",
            "Hörmüz boğazından keçən bir gəmiyə",
        ),
    ],
    ids=["azertag", "qafqazinfo", "modern"],
)
def test_an_azerbaijani_entry_is_told_as_a_person_read_it(
    crawled: Crawled, url: str, title: str, published: str, first: str
) -> None:
    stored = crawled.articles[canonical(url)]

    assert (stored.title, stored.language) == (title, "az")
    assert stored.published == datetime.fromisoformat(published)
    assert (stored.summary or "").startswith(first)


def test_every_source_but_the_one_with_another_s_certificate_answers_well(crawled: Crawled) -> None:
    outcomes = {one.address: one.last_outcome for one in crawled.sources}
    refused = next(one for one in crawled.sources if ELSEWHERE in one.address)

    assert refused.last_problem == f"the certificate of {ELSEWHERE} does not hold"
    assert {outcome for url, outcome in outcomes.items() if ELSEWHERE not in url} <= {"ok", "unchanged"}
    assert len(outcomes) == len(sources())


def test_the_exit_code_says_whether_a_source_failed(crawled: Crawled) -> None:
    assert crawled.run.returncode == 1
    assert f"the certificate of {ELSEWHERE} does not hold" in crawled.run.stderr
    assert (crawled.again.returncode, crawled.again.stderr) == (0, "")
