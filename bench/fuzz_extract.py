"""Pages that nobody would write, for some minutes: none may make reading raise, or take longer than a page may.

    python bench/fuzz_extract.py [--minutes 10] [--seed 1] FOLDER...

Half of the pages are real ones from the FOLDERs (*.html, *.html.gz), damaged: cut, spliced with each other, pieces
doubled or swapped, bytes changed, charsets mixed up, tags and attributes put where they do not belong. The other half
are made by hypothesis from scraps of mark-up. Ends with 1, and the first pages at fault in --keep, when any was.
"""

from __future__ import annotations

import argparse
import gzip
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import seed as hypothesis_seed
from hypothesis import strategies as st

from crawler.entry import Entry
from crawler.extract import Refused, examine_page
from crawler.rules import OutletRules
from storage.article import Article

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
URL = "https://news.example.am/politics/karabakh-talks-41822"
SLOWEST = 3.0  # CPU seconds of one page
LARGEST = 1 << 20  # bytes of a page made here; bench of large ones is the pool's matter
CHARSETS = ("utf-8", "utf-16", "windows-1251", "koi8-r", "iso-8859-9", "windows-1256", "utf-7", "x-unknown", "\x00")
SCRAPS = (
    *(b"<p>", b"</p>", b"<div class='article-body'>", b"<div class=share>", b"</div>", b"<br>", b"<br/><br/>"),
    *(b"<a href='//['>", b"</a>", b"<h1>", b"</h1>", b"<h2 class=subtitle>", b"<table><tr><td>", b"</table>"),
    *(b"<ul><li>", b"<article>", b"</article>", b"<!--", b"-->", b"<svg><p>", b"<math>", b"<template>", b"<plaintext>"),
    *(b"<script type='application/ld+json'>", b"</script>", b'{"@type":"NewsArticle","articleBody":'),
    *(b'"\\ud800"', b"[[[[", b"}", b"<![CDATA[", b"]]>", b"<?xml version='1.0' encoding='x'?>", b"<base href='x:'>"),
    *(b"<meta property='og:url' content='http://[::1'>", b"<link rel=canonical href='http://a:b/'>"),
    *(b"<time datetime='99999-99-99'>", b"<time datetime='0000-00-00T25:61:61+99:99'>", b"<img src='data:' alt='"),
    *(b"'>", b"&#0;", b"&#1;", b"&#xD800;", b"&#99999999999;", b"&lt", b"\x00", b"\x0b", b"\xff\xfe"),
    *(b"\xef\xbb\xbf", b"\xed\xa0\x80", "Баку, 3 янв. /ТАСС/.".encode(), "Երևան, հուլիսի 30".encode()),
    *("2 saat əvvəl".encode(), "۱۴۰۴/۰۱/۳۱".encode()),
    b"The ministers of the two countries met on Monday to discuss the return of displaced families to their homes. ",
)


class Tally:
    """What came of the pages, and those that went wrong."""

    def __init__(self, keep: Path) -> None:
        self.outcomes: Counter[str] = Counter()
        self.slowest = 0.0
        self.faults = 0
        self._keep = keep

    def read(
        self, html: bytes, url: str, content_type: str | None, rules: OutletRules | None, entry: Entry | None
    ) -> None:
        began = time.process_time()
        try:
            outcome = examine_page(html, url, content_type=content_type, now=NOW, outlet=rules, entry=entry).outcome
            found = outcome.reason if isinstance(outcome, Refused) else f"article ({outcome.extractor})"
            if isinstance(outcome, Article):
                outcome.body.encode("utf-8")
        except Exception:  # noqa: BLE001 - this is what is looked for
            found = "RAISED"
            self._fault(html, f"{url}\n{content_type}\n{traceback.format_exc()}")
        spent = time.process_time() - began
        self.slowest = max(self.slowest, spent)
        if spent > SLOWEST:
            found = "TOO SLOW"
            self._fault(html, f"{url}\n{content_type}\n{spent:.1f} s")
        self.outcomes[found] += 1

    def _fault(self, html: bytes, said: str) -> None:
        self.faults += 1
        if self.faults <= 20:
            self._keep.mkdir(parents=True, exist_ok=True)
            (self._keep / f"{self.faults}.html").write_bytes(html)
            (self._keep / f"{self.faults}.txt").write_text(said, "utf-8", "backslashreplace")


def damaged(page: bytes, other: bytes, dice: random.Random) -> bytes:
    """A real page after a few accidents."""
    for _ in range(dice.randint(1, 6)):
        page = dice.choice(ACCIDENTS)(page, other, dice)[:LARGEST]
    return page


def _cut(page: bytes, _other: bytes, dice: random.Random) -> bytes:
    return page[dice.randrange(len(page) + 1) :] if dice.random() < 0.3 else page[: dice.randrange(len(page) + 1)]


def _splice(page: bytes, other: bytes, dice: random.Random) -> bytes:
    at, start = dice.randrange(len(page) + 1), dice.randrange(len(other) + 1)
    return page[:at] + other[start : start + dice.randrange(20_000)] + page[at:]


def _double(page: bytes, _other: bytes, dice: random.Random) -> bytes:
    start = dice.randrange(len(page) + 1)
    piece = page[start : start + dice.randrange(2_000)]
    return page[:start] + piece * dice.randint(2, 50) + page[start:]


def _flip(page: bytes, _other: bytes, dice: random.Random) -> bytes:
    changed = bytearray(page)
    for _ in range(dice.randint(1, 200)):
        if changed:
            changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def _insert(page: bytes, _other: bytes, dice: random.Random) -> bytes:
    for _ in range(dice.randint(1, 30)):
        at = dice.randrange(len(page) + 1)
        page = page[:at] + dice.choice(SCRAPS) * dice.choice((1, 1, 1, 300)) + page[at:]
    return page


def _recode(page: bytes, _other: bytes, dice: random.Random) -> bytes:
    return page.decode("utf-8", "replace").encode(
        dice.choice(("utf-16", "cp1251", "koi8-r", "utf-8", "latin-1")), "replace"
    )


ACCIDENTS: tuple[Callable[[bytes, bytes, random.Random], bytes], ...] = (
    _cut,
    _splice,
    _double,
    _flip,
    _insert,
    _recode,
)


def random_rules(dice: random.Random) -> OutletRules | None:
    if dice.random() < 0.5:
        return None
    selectors = dice.choice(((), ("article",), ("div.article-body", "p"), ("[[", "//")))
    return OutletRules(outlet="example", name="Example", zone="Asia/Yerevan", body_selectors=selectors)


def random_entry(html: bytes, dice: random.Random) -> Entry | None:
    if dice.random() < 0.5:
        return None
    text = html[:3000].decode("utf-8", "replace")
    return Entry(link=URL, title=text[:90], summary=text[100:400], content=text, published=NOW - timedelta(hours=1))


def fuzz_captures(pages: list[bytes], tally: Tally, dice: random.Random, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        html = damaged(dice.choice(pages), dice.choice(pages), dice)
        content_type = f"text/html; charset={dice.choice(CHARSETS)}" if dice.random() < 0.5 else None
        tally.read(html, URL, content_type, random_rules(dice), random_entry(html, dice))


def fuzz_scraps(tally: Tally, seed: int, seconds: float) -> None:
    piece = (
        st.sampled_from(SCRAPS)
        | st.binary(max_size=40)
        | st.text(max_size=40).map(lambda t: t.encode("utf-8", "replace"))
    )
    page = st.lists(piece, max_size=80).map(b"".join)
    addresses = st.just(URL) | st.text(max_size=60)
    types = st.none() | st.text(max_size=30) | st.sampled_from([f"text/html; charset={name}" for name in CHARSETS])
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        seed += 1

        @hypothesis_seed(seed)
        @settings(max_examples=500, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(page, addresses, types)
        def one(html: bytes, url: str, content_type: str | None) -> None:
            if time.monotonic() < end:
                tally.read(html, url, content_type, None, None)

        one()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("var/fuzz-faults"), help="where the pages at fault are put")
    asked = parser.parse_args()
    files = sorted(f for folder in asked.folders for f in folder.rglob("*") if f.name.endswith((".html", ".html.gz")))
    pages = [gzip.decompress(f.read_bytes()) if f.suffix == ".gz" else f.read_bytes() for f in files]
    if not pages:
        print("no *.html or *.html.gz in the folders", file=sys.stderr)
        return 2
    tally = Tally(asked.keep)
    fuzz_captures(pages, tally, random.Random(asked.seed), 30 * asked.minutes)
    fuzz_scraps(tally, asked.seed, 30 * asked.minutes)
    for name, number in tally.outcomes.most_common():
        print(f"{number:8}  {name}")
    print(f"{tally.outcomes.total()} pages, the slowest {tally.slowest:.2f} s, {tally.faults} at fault")
    return int(tally.faults > 0)


if __name__ == "__main__":
    sys.exit(main())
