"""The REST interface of WordPress, /wp-json/wp/v2/posts: whole stories, where a site leaves it open.

With `_embed=1` in the address the posts carry their authors, pictures and categories too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo

from crawler.entry import Entry, ParsedFeed
from crawler.kinds import NO_OPTIONS
from crawler.kinds.jsonfeed import load_json, text_at
from crawler.kinds.text import page_address, plain_line, plain_text
from crawler.kinds.times import read_moment


def parse(
    body: bytes,
    url: str,
    *,
    content_type: str | None = None,  # noqa: ARG001 - JSON is UTF-8 (RFC 8259)
    now: datetime,
    zone: tzinfo | None = None,
    options: Mapping[str, str] = NO_OPTIONS,  # noqa: ARG001
) -> ParsedFeed:
    posts = load_json(body)
    if isinstance(posts, dict) and (said := plain_line(text_at(posts, "message") or text_at(posts, "code"))):
        return ParsedFeed(problem=f"{url} answered no posts but: {said}")
    if not isinstance(posts, list):
        return ParsedFeed(problem=f"{url} answered something that is no list of WordPress posts")
    entries = tuple(entry for one in posts if (entry := _entry(one, url, now, zone)) is not None)
    problem = None if entries else f"{url} answered a list without posts"
    return ParsedFeed(entries=entries, problem=problem, empty=not posts)


def _entry(post: object, base: str, now: datetime, zone: tzinfo | None) -> Entry | None:
    if not isinstance(post, dict) or (link := page_address(text_at(post, "link"), base)) is None:
        return None
    content = _rendered(post, "content")
    published = _moment_text(post, "date")
    return Entry(
        link=link,
        title=plain_line(_rendered(post, "title")),
        summary=plain_text(_rendered(post, "excerpt")) or plain_text(content),
        content=content,
        published=read_moment(published, now, zone),
        published_raw=published or None,
        updated=read_moment(_moment_text(post, "modified"), now, zone),
        authors=tuple(dict.fromkeys(_names(post, "author"))),
        guid=_rendered(post, "guid") or None,
        tags=tuple(dict.fromkeys(_names(post, "wp:term"))),
        images=tuple(dict.fromkeys(_images(post, base))),
    )


def _rendered(post: object, key: str) -> str:
    """A text of a post: {"rendered": ...}, or the text itself in some plugins."""
    value = post.get(key) if isinstance(post, dict) else None
    return value if isinstance(value, str) else text_at(value, "rendered")


def _moment_text(post: object, key: str) -> str:
    """The time in UTC, which WordPress writes without saying so, else the site's own time."""
    in_utc = text_at(post, f"{key}_gmt")
    return f"{in_utc}Z" if in_utc and not in_utc.startswith("0000") else text_at(post, key)


def _embedded(post: object, key: str) -> Iterator[object]:
    embedded = post.get("_embedded") if isinstance(post, dict) else None
    values = embedded.get(key) if isinstance(embedded, dict) else None
    for one in values if isinstance(values, list) else ():
        yield from one if isinstance(one, list) else (one,)


def _names(post: object, key: str) -> Iterator[str]:
    yield from (name for one in _embedded(post, key) if (name := plain_line(text_at(one, "name"))))


def _images(post: object, base: str) -> Iterator[str]:
    found = [text_at(one, "source_url") for one in _embedded(post, "wp:featuredmedia")]
    found.append(text_at(post, "jetpack_featured_media_url"))
    yield from (image for one in found if (image := page_address(one, base)))
