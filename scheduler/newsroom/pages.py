"""Story pages and front pages, in the mark-ups of three kinds of site. Pure: the same story, the same bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from html import escape
from string import Template
from zoneinfo import ZoneInfo

from scheduler.newsroom.feeds import Item, html_of
from scheduler.newsroom.press import HERE, Outlet, Story, words

# As browsers look for them in a head.
TYPES = {
    "rss": "application/rss+xml",
    "rdf": "application/rdf+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}


def render_page(outlet: Outlet, story: Story, item: Item, related: Sequence[Item]) -> bytes:
    language = story.language or outlet.languages[0]
    text = _template(outlet.page).substitute(
        **_around(outlet, language, related, item.published),
        title=escape(item.title),
        url=item.url,
        summary=escape(item.summary),
        dates=_meta_dates(outlet, item) if outlet.meta_dates else "",
        json_ld=_json_ld(outlet, item, language) if outlet.json_ld else "",
        visible_date=visible_date(outlet, item, language),
        byline=_byline(item, language),
        figure=_figure(story, language),
        paragraphs=html_of(item.body),
        lines="<br />\n<br />\n".join(escape(paragraph) for paragraph in item.body.split("\n\n")),
        extra=story.extra,
    )
    return text.encode(outlet.charset, "xmlcharrefreplace")


def render_front(outlet: Outlet, items: Sequence[Item], moment: datetime) -> bytes:
    around = _around(outlet, outlet.languages[0], items, moment)
    text = _template("index").substitute(**around, alternates=_alternates(outlet))
    return text.encode(outlet.charset, "xmlcharrefreplace")


def _alternates(outlet: Outlet) -> str:
    return "\n".join(
        f'<link rel="alternate" type="{TYPES[feed.format]}" title="{escape(outlet.name)}" href="{feed.path}">'
        for feed in outlet.feeds
        if feed.declared
    )


@cache
def _template(name: str) -> Template:
    return Template((HERE / "pages" / f"{name}.html").read_text("utf-8"))


def _around(outlet: Outlet, language: str, related: Sequence[Item], moment: datetime) -> dict[str, str]:
    said = words(language)
    return {
        "language": language,
        "charset": outlet.declared,
        "site": escape(outlet.name),
        "year": str(moment.astimezone(ZoneInfo(outlet.zone)).year),
        "menu": "".join(f'<li><a href="/">{escape(word)}</a></li>' for word in said["menu"]),
        "related": "".join(f'<li><a href="{one.url}">{escape(one.title)}</a></li>' for one in related),
        "related_title": said["related"],
        "latest_title": said["latest"],
        **{key: escape(said[key]) for key in ("share", "policy_title", "policy", "rights")},
    }


def _meta_dates(outlet: Outlet, item: Item) -> str:
    zone = ZoneInfo(outlet.zone)
    return "\n".join(
        f'<meta property="article:{name}_time" content="{moment.astimezone(zone).isoformat(timespec="seconds")}">'
        for name, moment in (("published", item.published), ("modified", item.modified))
    )


def _json_ld(outlet: Outlet, item: Item, language: str) -> str:
    zone = ZoneInfo(outlet.zone)
    values: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": item.title,
        "description": item.summary,
        "inLanguage": language,
        "mainEntityOfPage": item.url,
        "datePublished": item.published.astimezone(zone).isoformat(timespec="seconds"),
        "dateModified": item.modified.astimezone(zone).isoformat(timespec="seconds"),
        "publisher": {"@type": "Organization", "name": outlet.name},
    }
    if item.author:
        values["author"] = {"@type": "Person", "name": item.author}
    text = json.dumps(values, ensure_ascii=False).replace("</", "<\\/")  # "</script" in it would end the element
    return f'<script type="application/ld+json">{text}</script>'


def visible_date(outlet: Outlet, item: Item, language: str) -> str:
    said, local = words(language), item.published.astimezone(ZoneInfo(outlet.zone))
    text = said["date"].format(
        day=local.day, month=said["months"][local.month - 1], year=local.year, time=f"{local:%H:%M}"
    )
    if not outlet.meta_dates:
        return f'<span class="date">{text}</span>'
    return f'<time class="entry-date published" datetime="{local.isoformat(timespec="seconds")}">{text}</time>'


def _byline(item: Item, language: str) -> str:
    if not item.author:
        return ""
    return f'<span class="author">{escape(words(language)["by"].format(author=item.author))}</span>'


def _figure(story: Story, language: str) -> str:
    if not story.caption:
        return ""
    by = words(language)["photo"].format(name=story.photo_by) if story.photo_by else ""
    return (
        f'<figure class="wp-caption"><img src="/images/{story.slug}.jpg" alt="{escape(story.caption)}">'
        f'<figcaption class="wp-caption-text">{escape(story.caption)} {escape(by)}</figcaption></figure>'
    )
