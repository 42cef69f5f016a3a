"""Saved pages out of WARC files: whole ones, torn and damaged ones, hostile ones."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import brotli
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crawler.warc import PassedOver, SavedPage, saved_page
from crawler.warc_file import LARGEST_PACKED, LONGEST_HEAD, Record, Unread, read_records
from tests.archives import HEAD, SAVED, packed, page, record, story

NOW = SAVED + timedelta(days=5)
LIMIT = 20_000
URLS = [f"http://news.test/{number}" for number in range(5)]
RECORDS = [record(b"software: pen\r\n", None, kind="warcinfo"), *(page(story(url), url) for url in URLS)]
WHOLE = b"".join(RECORDS)
FILES = {"plain": WHOLE, "packed": packed(RECORDS), "packed as one": gzip.compress(WHOLE, mtime=0)}
# Where a plain file may end so that nothing is missing but the empty lines behind a record.
ENDS = {len(b"".join(RECORDS[:n])) - lines for n in range(len(RECORDS) + 1) for lines in range(5)}
MEMBERS = {len(packed(RECORDS[:n])) for n in range(len(RECORDS) + 1)}


def read(content: bytes, limit: int = LIMIT) -> tuple[list[SavedPage], list[str], list[Unread]]:
    """Pages, why other records were passed over, and what could not be read."""
    pages, passed, unread = list[SavedPage](), list[str](), list[Unread]()
    for one in read_records(io.BytesIO(content), longest=limit):
        if isinstance(one, Unread):
            unread.append(one)
            continue
        found = saved_page(one, limit=limit, wanted=lambda url, moment: None, now=NOW)
        if isinstance(found, PassedOver):
            passed.append(found.why)
        else:
            pages.append(found)
    return pages, passed, unread


def body(record_: bytes) -> bytes | str:
    """The page that a file with this one record gives, or why there is none."""
    pages, passed, unread = read(record_)
    return pages[0].page.body if pages else (passed or [one.why for one in unread])[0]


@pytest.mark.parametrize("kind", FILES)
def test_a_file_gives_its_pages_as_they_were_saved(kind: str) -> None:
    pages, passed, unread = read(FILES[kind])
    keys = {one.key for one in pages} | {one.key for one in read(WHOLE)[0]}

    assert [(one.page.url, one.page.body, one.moment) for one in pages] == [(u, story(u), SAVED) for u in URLS]
    assert (passed, unread) == (["warcinfo records"], [])
    assert len(keys) == len({one.offset for one in pages}) == len(URLS)


def test_the_offset_of_a_record_leads_to_it() -> None:
    whole = FILES["packed"]
    pages, _, _ = read(whole)
    behind = [gzip.decompress(whole[one.offset :])[:10] for one in pages]

    assert behind == [b"WARC/1.0\r\n"] * len(URLS)
    assert [read(whole[one.offset :])[0][0].page for one in pages] == [one.page for one in pages]


@given(kind=st.sampled_from(sorted(FILES)), data=st.data())
@settings(max_examples=150, deadline=None)
def test_of_a_torn_file_all_that_stands_before_is_used_and_the_rest_told(kind: str, data: st.DataObject) -> None:
    whole = FILES[kind]
    place = data.draw(st.integers(1, len(whole) - 1))
    pages, _, unread = read(whole[:place])
    nothing_missing = place in (ENDS if kind == "plain" else MEMBERS if kind == "packed" else ())

    assert [one.page for one in pages] == [one.page for one in read(whole)[0][: len(pages)]]
    assert (unread == []) == nothing_missing
    assert all(one.until is None and one.offset <= len(WHOLE) for one in unread)
    if kind == "packed":
        assert len(pages) == max(0, sum(0 < end <= place for end in MEMBERS) - 1)


@given(place=st.integers(0, len(FILES["packed"]) - 1), noise=st.binary(min_size=1, max_size=20))
@settings(max_examples=150, deadline=None)
def test_damage_costs_the_record_that_it_strikes_and_no_other(place: int, noise: bytes) -> None:
    whole = FILES["packed"]
    damaged = whole[:place] + noise + whole[place + len(noise) :]
    assume(not damaged.lstrip().startswith(b"WARC/"))  # which makes it a plain file
    pages, _, unread = read(damaged)
    struck = {sum(end <= at for end in MEMBERS if end) for at in (place, min(len(whole), place + len(noise)) - 1)}
    spared = [story(url) for number, url in enumerate(URLS, 1) if number not in struck]

    # What the header of a packing says beside may be other than it was, and nothing is lost.
    assert [one for one in (page.page.body for page in pages) if one in spared] == spared
    assert {one.page.body for one in pages} <= {story(url) for url in URLS}
    assert all(one.until is None or one.until > one.offset for one in unread)


@given(
    st.lists(st.one_of(st.binary(max_size=40), st.sampled_from([*RECORDS, *map(gzip.compress, RECORDS)])), max_size=4)
)
@settings(max_examples=150, deadline=None)
def test_no_bytes_raise(parts: list[bytes]) -> None:
    read(b"".join(parts))
    read(b"WARC/1.0\r\n" + b"".join(parts))
    body(record(b"".join(parts)))
    body(page(b"".join(parts), head=HEAD[:-2] + b"Content-Encoding: gzip, br\r\nTransfer-Encoding: chunked\r\n\r\n"))


HTML = story()
ANSWER = HEAD + HTML
GZIP = gzip.compress(HTML)


def _digest(text: bytes, name: str = "sha1") -> str:
    return f"{name}:{hashlib.new(name, text).hexdigest()}"


def _head(*lines: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode()


def _chunked(content: bytes, size: int = 100) -> bytes:
    parts = [content[at : at + size] for at in range(0, len(content), size)]
    return b"".join(b"%x;a=b\r\n%s\r\n" % (len(one), one) for one in parts) + b"0\r\n\r\n"


LEFT_OUT = {
    "request records": record(b"GET / HTTP/1.1\r\n\r\n", kind="request"),
    "revisit records": record(HEAD, kind="revisit"),
    "metadata records": record(b"x", kind="metadata"),
    "records of another kind": record(ANSWER, kind="gossip"),
    "not of http or https": record(ANSWER, "dns:news.test"),
    "without a moment that can be": record(ANSWER, saved="last week"),
    "cut off when they were saved": record(ANSWER, WARC_Truncated="length"),
    "not what their digest says": record(ANSWER, WARC_Block_Digest=_digest(b"another")),
    "no answers of HTTP": record(b"220 mail.test ESMTP\r\n\r\n" + HTML),
    "HTTP 404": page(HTML, head=_head("Content-Type: text/html", status="404 Not Found")),
    "no HTML": page(b"\x89PNG", head=_head("Content-Type: image/png")),
    "too large": page(b"x" * LIMIT),
    "packed in a way that cannot be undone": page(GZIP[:-9], head=_head("Content-Encoding: gzip")),
    "a record states no length that can be read": record(ANSWER, Content_Length="-5"),
}


@pytest.mark.parametrize("why", LEFT_OUT)
def test_what_is_no_page_is_passed_over_with_a_reason(why: str) -> None:
    assert body(LEFT_OUT[why]) == why


MORE_LEFT_OUT = {
    "a mail address": (record(ANSWER, "mailto:desk@news.test"), "not of http or https"),
    "no address": (record(ANSWER, None), "not of http or https"),
    "a moment ahead": (record(ANSWER, saved=NOW + timedelta(days=2)), "without a moment that can be"),
    "a day alone": (record(ANSWER, saved="2026-11-20"), "without a moment that can be"),
    "a segment": (record(ANSWER, WARC_Segment_Number="1"), "cut off when they were saved"),
    "a head without an end": (record(b"HTTP/1.1 200 OK\r\nA: " + b"b" * 9000), "no answers of HTTP"),
    "no last chunk": (
        page(_chunked(HTML)[:-5], head=_head("Transfer-Encoding: chunked")),
        "packed in a way that cannot be undone",
    ),
    "a bomb": (page(gzip.compress(bytes(9_000_000)), head=_head("Content-Encoding: gzip")), "too large"),
    "a length in words": (record(ANSWER, Content_Length="many"), "a record states no length that can be read"),
    "a length that ends the world": (
        record(ANSWER, Content_Length="9" * 99),
        "a record states no length that can be read",
    ),
    "too short a length": (record(ANSWER, Content_Length="50"), "a record is not as long as it says"),
    "too long a length": (record(ANSWER, Content_Length="5000"), "the file ends in the middle of a record"),
    "a header without end": (
        b"WARC/1.0\r\n" + b"a: b\r\n" * LONGEST_HEAD,
        f"a record's header is longer than {LONGEST_HEAD} bytes",
    ),
    "a line without end": (
        b"WARC/1.0\r\na:" + bytes(2 * LONGEST_HEAD),
        f"a record's header is longer than {LONGEST_HEAD} bytes",
    ),
    "lines without end": (b"\r\n" * 100_000, "no WARC record begins there"),
}


@pytest.mark.parametrize("case", MORE_LEFT_OUT)
def test_hostile_records_are_passed_over_and_the_next_is_read(case: str) -> None:
    hostile, why = MORE_LEFT_OUT[case]
    pages, _, unread = read(packed([hostile, page(HTML)]))

    assert body(hostile) == why
    assert [one.page.body for one in pages] == [HTML]
    assert all(one.until == len(gzip.compress(hostile)) for one in unread)


def test_a_record_that_unpacks_without_end_is_left_at_once() -> None:
    bomb = record(b"", Content_Length=str(LARGEST_PACKED + 1))[:-4] + bytes(1 << 20)

    assert [one.why for one in read(packed([bomb]))[2]] == [
        f"a record says that it unpacks to {LARGEST_PACKED + 1} bytes"
    ]


PACKINGS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "as it is": ("X: y", bytes),
    "chunked": ("Transfer-Encoding: chunked", _chunked),
    "gzip": ("Content-Encoding: gzip", gzip.compress),
    "deflate": ("Content-Encoding: deflate", zlib.compress),
    "brotli": ("Content-Encoding: br", brotli.compress),
    "gzip in chunks": (
        "Content-Encoding: gzip\r\nTransfer-Encoding: chunked",
        lambda text: _chunked(gzip.compress(text), 7),
    ),
    "undone by the crawler": ("Content-Encoding: br\r\nTransfer-Encoding: chunked", bytes),
    "in a folded line": ("Content-Encoding:\r\n gzip", gzip.compress),
}


@pytest.mark.parametrize("name", PACKINGS)
def test_packings_of_an_answer_are_undone(name: str) -> None:
    header, pack = PACKINGS[name]

    assert body(page(pack(HTML), head=_head("Content-Type: text/html", header))) == HTML


@pytest.mark.parametrize(
    "spelled",
    [
        pytest.param(page(HTML).replace(b"\r\n", b"\n").replace(b"Length: ", b"Length: 0"), id="lines end as on Unix"),
        pytest.param(record(ANSWER, "<http://news.test/1>"), id="brackets around the address"),
        pytest.param(record(ANSWER, saved="2026-11-20T09:00:00.123456789Z"), id="fractions of a second"),
        pytest.param(page(HTML).replace(b"WARC-Type", b"warc-type").replace(b"/1.0", b"/1.1"), id="version 1.1"),
        pytest.param(record(ANSWER, WARC_Block_Digest=_digest(ANSWER)), id="digest"),
        pytest.param(record(ANSWER, WARC_Block_Digest=_digest(ANSWER, "sha256").upper()), id="long digest"),
        pytest.param(record(ANSWER, WARC_Block_Digest="xxh3:0"), id="digest of an unknown kind"),
        pytest.param(page(HTML) + bytes(900), id="zeros behind it"),
        pytest.param(packed([page(HTML)]) + bytes(900), id="zeros behind the packing"),
        pytest.param(page(HTML, head=HEAD.replace(b"1.1 200 OK", b"2 200")), id="HTTP 2"),
    ],
)
def test_spellings_of_crawlers_are_read(spelled: bytes) -> None:
    if b"\r" not in spelled:  # the block has become shorter
        block = spelled.split(b"\n\n", 1)[1].rstrip(b"\n")
        spelled = record(block).replace(b"\r\n", b"\n")
    pages, _, _ = read(spelled)

    assert [one.page.body for one in pages] == [HTML]
    assert [one.moment.replace(microsecond=0) for one in pages] == [SAVED]


def test_what_is_not_wanted_is_not_unpacked() -> None:
    wanted = {datetime(2026, 11, 20, 9, tzinfo=UTC): "of another day"}
    (found,) = map(
        partial(saved_page, limit=LIMIT, wanted=lambda url, moment: wanted[moment], now=NOW),
        (one for one in read_records(io.BytesIO(page(b"\x00", head=_head("Content-Encoding: gzip"))), longest=LIMIT)
         if isinstance(one, Record)),
    )  # fmt: skip

    assert found == PassedOver("of another day", page=True)
