"""A newsroom of any size, for tests that count: each story has a title and a text that no other has."""

from __future__ import annotations

import math
import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from scheduler.newsroom.press import HERE, Feed, Outlet, Story

WORDS: Mapping[str, Sequence[str]] = tomllib.loads((HERE / "many.toml").read_text("utf-8"))
FORMATS: Sequence[Feed] = (
    Feed(id="", path="/feed.xml", format="rss"),
    Feed(id="", path="/atom.xml", format="atom"),
    Feed(id="", path="/feed.json", format="json"),
    Feed(id="", path="/index.rdf", format="rdf"),
)
PAGES = ("wordpress", "semantic", "bitrix")


def many(outlets: int = 6, stories: int = 40, *, within: float = 0.0) -> tuple[Outlet, ...]:
    """`outlets` outlets of `stories` stories each, the same at every call; two in three stories are relevant.

    With `within` above 0 every second story appears in the course of that many seconds after the start; without, all
    stand there from the start.
    """
    return tuple(_outlet(place, stories, within) for place in range(outlets))


def _outlet(place: int, count: int, within: float) -> Outlet:
    name = f"many-{place + 1}"
    return Outlet(
        id=name,
        host=f"{name}.test",
        name=f"Daily Number {place + 1}",
        side="Western/international",
        languages=("en",),
        zone="UTC",
        page=PAGES[place % len(PAGES)],  # type: ignore[arg-type]
        address="/news/{number}/{slug}",
        validator="etag" if place % 2 else "",
        gzip=place % 3 == 0,
        feeds=(replace(FORMATS[place % len(FORMATS)], id=name, shown=count),),
        stories=tuple(_story(place, number, count, within) for number in range(count)),
    )


def _story(place: int, number: int, count: int, within: float) -> Story:
    serial = 1000 + place * count + number
    draw = random.Random(serial)  # noqa: S311 - the same texts at every call
    relevant = number % 3 != 2
    where = draw.choice(WORDS["places" if relevant else "elsewhere"])
    late = within > 0 and number % 2 == 1
    at = timedelta(seconds=math.ceil(within * (number + 1) / count)) if late else -timedelta(minutes=5 + 7 * number)
    region = "Nagorno-Karabakh" if relevant else "the whole valley"
    title = f"{where}: {serial} {draw.choice(WORDS['things'])} for {region}"
    paragraphs = [" ".join(_sentence(draw, where) for _ in range(3)) for _ in range(4)]
    return Story(
        slug=f"story-{serial}",
        at=at,
        title=title,
        summary=f"Number {serial} of the day comes from {where} in {region}.",
        body="\n\n".join([f"{paragraphs[0]} All {serial} of them stay in {region}.", *paragraphs[1:]]),
        relevant=relevant,
    )


def _sentence(draw: random.Random, where: str) -> str:
    """Numbers stand between the words: two stories must not look like copies of one text."""
    maker, deed, thing, reason, helper = (
        draw.choice(WORDS[kind]) for kind in ("makers", "deeds", "things", "reasons", "helpers")
    )
    many, few, more = draw.randint(20, 999), draw.randint(2, 99), draw.randint(100, 999)
    return f"In {where} {few} {maker} {deed} {many} {thing} {reason} {more} {helper}."
