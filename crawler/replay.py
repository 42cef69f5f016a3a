"""A saved page on the road of every page: read and judged in the pool, then stored; its moment is when it was saved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from crawler.entry import Entry
from crawler.extract import VERSION, Refused
from crawler.kinds.section import is_story_address
from crawler.pool import PageJob
from crawler.warc import SavedPage
from crawler.world import World

OFF_TOPIC = "not about the topic"
NO_STORY = "no story by its address"
# A moment in one of these places is a story's own; lists print the moments of others as text.
_STATED = frozenset({"json-ld", "meta", "time tag"})


@dataclass(frozen=True, slots=True)
class Replayed:
    """`event` is None when nothing was stored, and `refusal` then says why."""

    event: Literal["new", "changed", "same"] | None
    refusal: str = ""


def read_by(world: World) -> str:
    """A page is read again when it would be read or judged otherwise."""
    return f"{VERSION} {world.topic.version}"


async def take_saved(saved: SavedPage, *, outlet: str, file: str, world: World) -> Replayed:
    """`file` is the name of the file that holds the page, and stands where a source does for one that was announced."""
    warc = f"{file}#{saved.offset}"
    judged = await world.pool.read(
        PageJob(
            html=saved.page.body,
            url=saved.page.final_url,
            outlet=outlet,
            entry=Entry(link=saved.page.url, title="", source=file),
            now=saved.moment,
            content_type=saved.page.headers.get("content-type"),
            http_status=saved.page.status,
            boilerplate=world.store.boilerplate(outlet),
            utc_means_local=world.store.utc_means_local(outlet),
        )
    )
    async with world.at_the_desk():
        if isinstance(judged, Refused):
            return _left_out(saved, warc, judged.reason, world)
        # Nobody has announced the page as a story: an archive holds rubrics and imprints, too.
        if not is_story_address(saved.page.url) and judged.article.published_method not in _STATED:
            return _left_out(saved, warc, NO_STORY, world)
        # As of entries: of a general outlet only what names something of the topic is kept.
        if outlet in world.general and not judged.verdict.mentions:
            return _left_out(saved, warc, OFF_TOPIC, world)
        article = replace(judged.article, warc=warc)
        done = world.store.save_replayed(saved.key, read_by(world), article, judged.verdict, world.now())
        return Replayed(done.event)


def _left_out(saved: SavedPage, warc: str, why: str, world: World) -> Replayed:
    world.store.note_replayed(saved.key, read_by(world), warc, why)
    return Replayed(None, why)
