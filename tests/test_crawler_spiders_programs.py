"""The command `scrapy` at the repository's root, and the how-to documents as they are written, over the newsroom."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.assemble import assemble, utc_now
from scheduler.config_file import load_config
from scheduler.newsroom.newsroom import Newsroom
from scheduler.newsroom.press import load_press
from scheduler.work import prepare_store
from tests.program import PATIENCE, ROOT, configuration, karabakh, karabakh_here

HERALD = "http://lori-herald.test"


@pytest.fixture(scope="module")
def newsroom() -> Iterator[Newsroom]:
    with Newsroom(press=[one for one in load_press() if one.id == "lori-herald"]) as newsroom:
        yield newsroom


def scrapy(config: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "scrapy"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("KARABAKH_")} | {
        "KARABAKH_CONFIG": str(config)
    }
    return subprocess.run(
        [str(program), *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=ROOT,
        env=environment,
        check=False,
    )


def stored(config: Path) -> list[tuple[object, ...]]:
    found = karabakh_here(config, "search", "--limit", "100", "--format", "jsonl").stdout
    rows = [json.loads(line) for line in found.splitlines()]
    return sorted((row["outlet"], row["canonical_url"], row["title"], row["verdict"]) for row in rows)


def folder(path: Path, name: str) -> Path:
    (path / name).mkdir()
    return path / name


def test_scrapy_lists_the_sources_that_are_on(tmp_path: Path, newsroom: Newsroom) -> None:
    done = scrapy(configuration(tmp_path, newsroom), "list")

    assert done.stdout.split() == ["lori-herald", "lori-herald-karabakh"]
    assert done.stderr == ""


def test_scrapy_crawl_stores_what_karabakh_crawl_stores(tmp_path: Path, newsroom: Newsroom) -> None:
    newsroom.advance(3600)  # nothing appears between the two any more
    one, other = (configuration(folder(tmp_path, name), newsroom) for name in ("one", "other"))
    by_scrapy = scrapy(one, "crawl", "lori-herald")
    by_us = karabakh(other, "crawl", "lori-herald")

    assert (by_scrapy.returncode, by_us.returncode) == (0, 0), by_scrapy.stderr
    assert "polls: 1 ok" in by_scrapy.stderr
    assert len(stored(one)) >= 3
    assert stored(one) == stored(other)


def test_scrapy_crawl_leaves_a_leased_source_alone(tmp_path: Path, newsroom: Newsroom) -> None:
    config = configuration(tmp_path, newsroom)
    before = newsroom.asked("lori-herald.test", "/feed/")
    with prepare_store(assemble(load_config(config), utc_now()), utc_now) as store:
        claimed = store.claim_sources(
            owner="elsewhere/1/-", now=utc_now(), lease=timedelta(minutes=3), limit=9, only={"lori-herald"}
        )
    done = scrapy(config, "crawl", "lori-herald")

    assert len(claimed) == 1
    assert "in the hands of another run: 1" in done.stderr
    assert newsroom.asked("lori-herald.test", "/feed/") == before


def test_scrapy_shell_asks_under_guard_and_user_agent(tmp_path: Path, newsroom: Newsroom) -> None:
    config = configuration(tmp_path, newsroom)
    done = scrapy(config, "shell", f"{HERALD}/", "-c", "(response.status, bool(response.css('a')))")
    refused = scrapy(config, "shell", "http://10.0.0.1/", "-c", "response")
    asked = newsroom.requests("lori-herald.test")[-2:]

    assert "(200, True)" in done.stdout
    assert [one.path for one in asked] == ["/robots.txt", "/"]
    assert all("karabakh-monitor" in one.headers["user-agent"] for one in asked)
    assert "10.0.0.1 is not a public address" in refused.stderr


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [("", 2, "no source is called 'nobody'"), ("[no]\nsuch = 1\n", 78, "no: there is no such key")],
    ids=["unknown source", "wrong configuration"],
)
def test_what_is_wrong_is_one_sentence(tmp_path: Path, newsroom: Newsroom, text: str, code: int, said: str) -> None:
    config = configuration(tmp_path, newsroom)
    config.write_text(text + config.read_text("utf-8"), "utf-8")
    done = scrapy(config, "crawl", "nobody")

    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def blocks(document: str, language: str) -> list[str]:
    """The fenced blocks of a document, without their indent, with the newsroom's outlet for the document's."""
    text = (ROOT / "docs/how-to" / document).read_text("utf-8").replace("https://herald.example", HERALD)
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```", text, re.MULTILINE | re.DOTALL)
    return ["".join(line.removeprefix(indent) for line in body.splitlines(keepends=True)) for indent, body in found]


@pytest.mark.parametrize("document", ["add-a-feed.md", "add-a-section-page.md", "write-a-spider.md"])
def test_what_a_document_says_works_as_it_is_written(tmp_path: Path, newsroom: Newsroom, document: str) -> None:
    source = blocks(document, "toml")[-1]  # one that a command has written may stand before it
    for module in blocks(document, "python"):
        (tmp_path / "my_spiders.py").write_text(module, "utf-8")
    config = configuration(tmp_path, newsroom)
    text = re.sub(r"(?s)\[\[sources\.own\]\].*", "", config.read_text("utf-8"))
    config.write_text(re.sub(r"(?m)^only = .*$", "only = ['herald']", text) + source, "utf-8")
    shell = [
        line.split() for block in blocks(document, "sh") for line in block.splitlines() if line.startswith("karabakh ")
    ]
    programs = [(karabakh if words[1] == "crawl" else karabakh_here, words[1:]) for words in shell]
    answers = [program(config, *words) for program, words in programs]

    assert [one.returncode for one in answers] == [0, 0, 0], [one.stderr for one in answers]
    assert all(story.title[:30] in answers[-1].stdout for story in newsroom.stories if story.appears_after == 0)
