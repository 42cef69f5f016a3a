"""Connections and answers made to trip what reads them: each comes to its end, at a size that the suite can bear."""

from __future__ import annotations

import asyncio
from functools import cache

import pytest

from crawler.decode import decode_page
from crawler.entry import ParsedFeed
from crawler.hub import Hub
from crawler.pool import parse_source
from crawler.wire import FetchFailure, FetchRequest
from tests.fakes import run_hub
from tests.hostile_contents import CODECS, CONTENTS, SECRET, job_of
from tests.hostile_wires import WIRES, WireServer, host_of

SIZE = 0.005
MAX_BYTES = 1 << 20
# Nothing that ends of itself takes a tenth of it; what never ends is given up after the latter.
SECONDS, SECONDS_OF_ENDLESS = 20.0, 0.3


async def ask(hub: Hub, name: str) -> str:
    """The kind of failure, "feed" when entries were read, "problem" when the source was told to be wrong."""
    scheme, seconds = (
        ("https" if WIRES[name].tls else "http"),
        SECONDS_OF_ENDLESS if WIRES[name].is_endless else SECONDS,
    )
    request = FetchRequest(url=f"{scheme}://{host_of(name)}/feed", timeout=seconds, max_bytes=MAX_BYTES)
    answer = await hub.fetch(request)
    return answer.kind if isinstance(answer, FetchFailure) else judged(parse_source(job_of("feed", answer.body)))


def judged(found: ParsedFeed) -> str:
    """ "leak" where a text holds what none may hold."""
    texts = [found.problem or "", found.title, found.language or ""]
    for entry in found.entries:
        texts += [entry.link, entry.title, entry.summary, entry.content, entry.guid or "", entry.published_raw or ""]
        texts += [entry.language or "", *entry.authors, *entry.tags, *entry.images]
    whole = "".join(texts)
    if "\0" in whole or SECRET in whole or whole != whole.encode("utf-8", "replace").decode():
        return "leak"
    return "feed" if found.entries else "problem"


@cache
def outcomes() -> tuple[dict[str, str], set[str]]:
    """All are asked at once by one hub, as by a daemon whose sources have all turned hostile; and what it sent."""

    async def story(hub: Hub) -> list[str]:
        return list(await asyncio.gather(*(ask(hub, name) for name in WIRES)))

    with WireServer(size=SIZE, drop_seconds=0.02) as server:
        found = run_hub(story, static_hosts={host_of(name): server.place for name in WIRES}, concurrency=200)
    sent = {line.partition(b":")[0].lower().decode("latin-1") for head in server.heads for line in head.split(b"\r\n")}
    return dict(zip(WIRES, found, strict=True)), sent


@pytest.mark.parametrize("name", list(WIRES))
def test_what_a_host_does_to_a_connection_comes_to_its_end(name: str) -> None:
    assert outcomes()[0][name] in WIRES[name].ends


def test_nothing_of_one_answer_is_sent_with_the_next_request() -> None:
    assert outcomes()[1] & {"cookie", "authorization", "proxy-authorization", "referer"} == set()


@pytest.mark.parametrize("name", list(CONTENTS))
def test_no_answer_makes_a_parser_raise_or_give_away_what_it_must_not(name: str) -> None:
    content = CONTENTS[name]

    found = parse_source(job_of(content.kind, content.make(SIZE), content.content_type))

    assert judged(found) in {"feed", "problem"}


@pytest.mark.parametrize("codec", CODECS)
def test_a_page_that_declares_a_codec_of_python_is_read(codec: str) -> None:
    body = f'<html><meta charset="{codec}"><title>\xe9t\xe9</title><p>{"Le pont est ouvert. " * 40}</p></html>'

    assert "Le pont est ouvert." in decode_page(body.encode("latin-1"), f"text/html; charset={codec}")
