"""Where stories stand that are in no feed: JSON inside a page, the REST interface of WordPress, cards, a sitemap."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from zoneinfo import ZoneInfo

from scheduler.newsroom.feeds import Item, html_of, iso
from scheduler.newsroom.pages import render_front, visible_date
from scheduler.newsroom.press import Feed, Outlet

HTML = """<!DOCTYPE html>
<html lang="{language}"><head><meta charset="{charset}"><title>{name}</title></head>
<body>{body}</body></html>
"""
EMBEDDED = '<script data-page="app" type="application/json">{page}</script><div id="app"></div>'


def render_listing(outlet: Outlet, feed: Feed, items: Sequence[Item]) -> tuple[bytes, str]:
    """(bytes, content type)."""
    if feed.format == "wordpress":
        posts = [_post(outlet, item) for item in items]
        return json.dumps(posts).encode(), "application/json; charset=UTF-8"
    if feed.format == "sitemap":
        return _sitemap(outlet, items).encode(outlet.charset), f"application/xml; charset={outlet.declared}"
    html = f"text/html; charset={outlet.declared}"
    if feed.format == "front":
        return render_front(outlet, items, items[0].modified), html
    body = _embedded(outlet, items) if feed.format == "inertia" else _cards(outlet, items)
    page = HTML.format(language=outlet.languages[0], charset=outlet.declared, name=escape(outlet.name), body=body)
    return page.encode(outlet.charset, "xmlcharrefreplace"), html


def _embedded(outlet: Outlet, items: Sequence[Item]) -> str:
    hits = [
        {
            "article_id": item.number,
            "title": item.title,
            "locale": outlet.languages[0],
            "published_at": int(item.published.timestamp()),
            "image": {"url": f"/images/{item.number}.jpg"},
        }
        for item in items
    ]
    page = {"component": "News/List", "props": {"locale": outlet.languages[0], "feed": {"data": {"hits": hits}}}}
    return EMBEDDED.format(page=json.dumps(page, ensure_ascii=False).replace("</", "<\\/"))


def _post(outlet: Outlet, item: Item) -> dict[str, object]:
    zone = ZoneInfo(outlet.zone)
    return {
        "id": item.number,
        "date": f"{item.published.astimezone(zone):%Y-%m-%dT%H:%M:%S}",
        "date_gmt": f"{item.published.astimezone(ZoneInfo('UTC')):%Y-%m-%dT%H:%M:%S}",
        "modified": f"{item.modified.astimezone(zone):%Y-%m-%dT%H:%M:%S}",
        "modified_gmt": f"{item.modified.astimezone(ZoneInfo('UTC')):%Y-%m-%dT%H:%M:%S}",
        "guid": {"rendered": f"{outlet.origin}/?p={item.number}"},
        "link": item.url,
        "title": {"rendered": escape(item.title)},
        "excerpt": {"rendered": f"<p>{escape(item.summary)}</p>\n"},
        "content": {"rendered": html_of(item.body), "protected": False},
        "_embedded": {"author": [{"name": item.author}] if item.author else []},
    }


def _cards(outlet: Outlet, items: Sequence[Item]) -> str:
    language = outlet.languages[0]
    return "".join(
        f'<div class="card"><a href="{item.url}"><img src="/images/{item.number}.jpg" alt=""></a>'
        f'<h3><a href="{item.url}">{escape(item.title)}</a></h3>{visible_date(outlet, item, language)}'
        f"<p>{escape(item.summary)}</p></div>\n"
        for item in items
    )


def _sitemap(outlet: Outlet, items: Sequence[Item]) -> str:
    return (
        f'<?xml version="1.0" encoding="{outlet.declared}"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n'
        + "".join(
            f"<url><loc>{item.url}</loc><lastmod>{iso(item.modified, outlet)}</lastmod><news:news><news:publication>"
            f"<news:name>{escape(outlet.name)}</news:name><news:language>{outlet.languages[0]}</news:language>"
            f"</news:publication><news:publication_date>{iso(item.published, outlet)}</news:publication_date>"
            f"<news:title>{escape(item.title)}</news:title></news:news></url>\n"
            for item in items
        )
        + "</urlset>\n"
    )
