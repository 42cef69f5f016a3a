"""The stories that stand in a feed at a moment, written as RSS 2.0, RSS 1.0 (RDF), Atom or JSON Feed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from html import escape
from zoneinfo import ZoneInfo

from scheduler.newsroom.press import Feed, Outlet

XML_TYPES = {"rss": "application/rss+xml", "rdf": "application/rdf+xml", "atom": "application/atom+xml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A story as it reads at a moment."""

    url: str
    title: str
    summary: str
    body: str
    author: str
    section: str
    published: datetime
    modified: datetime
    number: int


def listed(feed: Feed, items: Sequence[Item]) -> list[Item]:
    """The items under the addresses by which the feed names them; some feeds name each twice."""
    found = []
    for item in items:
        named = replace(item, url=feed.link(item.url))
        found.append(named)
        if feed.twice:
            found.append(replace(named, url=f"{named.url}?utm_source=rss&amp;utm_medium=feed"))
    return found


def render_feed(outlet: Outlet, feed: Feed, items: Sequence[Item]) -> tuple[bytes, str]:
    """(bytes, content type). Newest first is the caller's work."""
    if feed.format == "json":
        return json.dumps(_json_feed(outlet, feed, items), ensure_ascii=False).encode(), "application/feed+json"
    text = {"rss": _rss, "rdf": _rdf, "atom": _atom}[feed.format](outlet, feed, items)
    body = f'<?xml version="1.0" encoding="{outlet.declared}"?>\n{text}'.encode(outlet.charset, "xmlcharrefreplace")
    return body, f"{XML_TYPES[feed.format]}; charset={outlet.declared}"


def html_of(body: str) -> str:
    return "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in body.split("\n\n"))


def _rss(outlet: Outlet, feed: Feed, items: Sequence[Item]) -> str:
    return (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>\n'
        f"<title>{escape(outlet.name)}</title><link>http://{outlet.host}/</link>"
        f"<description>{escape(outlet.name)}</description><language>{outlet.languages[0]}</language>\n"
        + "".join(_rss_item(outlet, feed, item) for item in items)
        + "</channel></rss>\n"
    )


def _rss_item(outlet: Outlet, feed: Feed, item: Item) -> str:
    parts = [f"<title>{escape(item.title)}</title>", f"<link>{item.url}</link>"]
    if feed.bare:
        return f"<item>{''.join(parts)}</item>\n"
    parts.append(f"<guid>{feed.guid}</guid>" if feed.guid else f'<guid isPermaLink="true">{item.url}</guid>')
    parts.append(f"<description>{escape(item.summary)}</description>")
    if feed.dated:
        parts.append(f"<pubDate>{_rfc822(item.published, outlet, feed)}</pubDate>")
    if item.author:
        parts.append(f"<dc:creator>{escape(item.author)}</dc:creator>")
    if item.section:
        parts.append(f"<category>{escape(item.section)}</category>")
    if feed.full_text:
        parts.append(f"<content:encoded><![CDATA[{html_of(item.body)}]]></content:encoded>")
    return f"<item>{''.join(parts)}</item>\n"


def _rfc822(moment: datetime, outlet: Outlet, feed: Feed) -> str:
    text = format_datetime(moment.astimezone(ZoneInfo(outlet.zone)))
    if not feed.zone_name:
        return text
    bare = text.rpartition(" ")[0]
    return bare if feed.zone_name == "none" else f"{bare} {feed.zone_name}"


def _rdf(outlet: Outlet, feed: Feed, items: Sequence[Item]) -> str:
    listed = "".join(f'<rdf:li rdf:resource="{item.url}"/>' for item in items)
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<channel rdf:about="{outlet.feed_url(feed)}"><title>{escape(outlet.name)}</title>'
        f"<link>http://{outlet.host}/</link><description>{escape(outlet.name)}</description>"
        f"<dc:language>{outlet.languages[0]}</dc:language><items><rdf:Seq>{listed}</rdf:Seq></items></channel>\n"
        + "".join(
            f'<item rdf:about="{item.url}"><title>{escape(item.title)}</title><link>{item.url}</link>'
            f"<description>{escape(item.summary)}</description><dc:creator>{escape(item.author)}</dc:creator>"
            f"<dc:date>{iso(item.published, outlet)}</dc:date></item>\n"
            for item in items
        )
        + "</rdf:RDF>\n"
    )


def _atom(outlet: Outlet, feed: Feed, items: Sequence[Item]) -> str:
    newest = max((item.modified for item in items), default=None)
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.languages[0]}">\n'
        f"<title>{escape(outlet.name)}</title><id>{outlet.feed_url(feed)}</id>"
        f'<link rel="self" href="{outlet.feed_url(feed)}"/><link href="http://{outlet.host}/"/>'
        f"<updated>{iso(newest, outlet) if newest else '2000-01-01T00:00:00Z'}</updated>"
        f"<author><name>{escape(outlet.name)}</name></author>\n"
        + "".join(_atom_entry(outlet, feed, item) for item in items)
        + "</feed>\n"
    )


def _atom_entry(outlet: Outlet, feed: Feed, item: Item) -> str:
    author = f"<author><name>{escape(item.author)}</name></author>" if item.author else ""
    content = f'<content type="html">{escape(html_of(item.body))}</content>' if feed.full_text else ""
    return (
        f'<entry><title>{escape(item.title)}</title><link rel="alternate" href="{item.url}"/><id>{item.url}</id>'
        f"<published>{iso(item.published, outlet)}</published><updated>{iso(item.modified, outlet)}</updated>"
        f"{author}<summary>{escape(item.summary)}</summary>{content}</entry>\n"
    )


def _json_feed(outlet: Outlet, feed: Feed, items: Sequence[Item]) -> dict[str, object]:
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": f"http://{outlet.host}/",
        "feed_url": outlet.feed_url(feed),
        "language": outlet.languages[0],
        "items": [
            {
                "id": feed.guid or item.url,
                "url": item.url,
                "title": item.title,
                "summary": item.summary,
                "date_published": iso(item.published, outlet),
                "date_modified": iso(item.modified, outlet),
                "authors": [{"name": item.author}] if item.author else [],
                "tags": [item.section] if item.section else [],
                # An item must carry content (jsonfeed.org/version/1.1, items); in a short feed it repeats the summary.
                **({"content_html": html_of(item.body)} if feed.full_text else {"content_text": item.summary}),
            }
            for item in items
        ],
    }


def iso(moment: datetime, outlet: Outlet) -> str:
    return moment.astimezone(ZoneInfo(outlet.zone)).isoformat(timespec="seconds")
