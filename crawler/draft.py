"""What is read off a page, or off its feed entry, before the text is known: the stage between Entry and Article."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from lxml.html import HtmlElement

from crawler.addresses import find_addresses, find_alternates
from crawler.bylines import Makers, find_makers
from crawler.entry import Entry
from crawler.headline import find_subtitle, find_title
from crawler.markup import blocks_of, squeeze
from crawler.normalise import distinct
from crawler.pictures import find_captions, find_images
from crawler.published import Published, find_modified, find_published, from_feed, lines_near, times_of
from crawler.refused import count_headlines
from crawler.rules import OutletRules
from crawler.structured import Stated, plain, read_structured, unescape
from crawler.urls import absolute, canonical, registrable_domain
from storage.article import Alternate, Image

_LONGEST_SUMMARY = 2000
_TAG = re.compile(r"</?[a-zA-Z!][^<>]{0,2000}>")
_BREAK = re.compile(r"</?(?:br|p|div|li|ul|h\d|tr|td)\b[^<>]{0,2000}>", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """`site_names` are names of the outlet and its site, `description` is what the page says of itself, `captions`
    texts that only describe images, `stated_body` the text in the page's structured data, `headlines` the number of
    linked headlines on the page."""

    url: str
    final_url: str
    canonical_url: str
    also_at: tuple[str, ...] = ()
    site_names: tuple[str, ...] = ()
    title: str
    subtitle: str | None = None
    summary: str | None = None
    description: str = ""
    makers: Makers
    published: Published | None = None
    modified: datetime | None = None
    images: tuple[Image, ...] = ()
    alternates: tuple[Alternate, ...] = ()
    captions: tuple[str, ...] = ()
    section: str | None = None
    tags: tuple[str, ...] = ()
    declared_language: str | None = None
    stated_body: str = ""
    headlines: int = 0
    stated: Stated


def draft_page(tree: HtmlElement, url: str, *, now: datetime, outlet: OutletRules | None, entry: Entry | None) -> Draft:
    stated = read_structured(tree, url)
    names = _site_names(stated, outlet, url)
    blocks = blocks_of(tree)
    title = find_title(stated, tree, blocks, site_names=names, feed=entry.title if entry else "")
    zone = ZoneInfo(outlet.zone) if outlet else None
    lines = lines_near(blocks, title)
    own, also_at = find_addresses(stated, tree, url, link=entry.link if entry else url)
    local = outlet is not None and outlet.utc_means_local
    published = find_published(
        stated, times_of(tree), lines, url=url, now=now, zone=zone, entry=entry, utc_means_local=local
    )
    return Draft(
        url=entry.link if entry else url,
        final_url=url,
        canonical_url=own,
        also_at=also_at,
        site_names=names,
        title=title,
        subtitle=find_subtitle(stated, tree, blocks, title),
        summary=_summary(stated, entry),
        description=_description(stated),
        makers=find_makers(stated, tree, not_people=names, beside=lines, feed=entry.authors if entry else ()),
        published=published,
        modified=find_modified(stated, lines, now=now, zone=zone, entry=entry, published=published),
        images=find_images(stated, tree, url),
        alternates=find_alternates(tree, url, own),
        captions=find_captions(tree),
        section=stated.text("articleSection") or stated.first("article:section") or None,
        tags=distinct([*_keywords(stated), *(entry.tags if entry else ())]),
        declared_language=tree.get("lang") or stated.first("og:locale", "content-language", "language") or None,
        stated_body=_stated_body(stated),
        headlines=count_headlines(blocks),
        stated=stated,
    )


def draft_entry(entry: Entry, *, now: datetime, outlet: OutletRules | None) -> Draft:
    stated = Stated({}, {}, frozenset(), {})
    names = _site_names(stated, outlet, entry.link)
    images = [url for link in entry.images if (url := absolute(entry.link, link))]
    return Draft(
        url=entry.link,
        final_url=entry.link,
        canonical_url=canonical(entry.link),
        site_names=names,
        title=squeeze(unescape(entry.title)),
        summary=_summary(stated, entry),
        makers=find_makers(stated, None, not_people=names, feed=entry.authors),
        published=from_feed(entry, now),
        modified=entry.updated,
        images=tuple(map(Image, images)),
        tags=distinct(entry.tags),
        declared_language=entry.language,
        stated=stated,
    )


def _site_names(stated: Stated, outlet: OutletRules | None, url: str) -> tuple[str, ...]:
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    domain = registrable_domain(url)
    names = [
        *((outlet.name, *outlet.credited_as) if outlet else ()),
        stated.first("og:site_name"),
        stated.first("application-name", "apple-mobile-web-app-title"),
        plain(next(stated.resolve(stated.story.get("publisher")), None)),
        host,
        domain,
        domain.partition(".")[0],
    ]
    return tuple(dict.fromkeys(name for name in names if len(name) > 1))


def _summary(stated: Stated, entry: Entry | None) -> str | None:
    feed = _plain_text(entry.summary) if entry else ""
    return (feed or _description(stated))[:_LONGEST_SUMMARY] or None


def _description(stated: Stated) -> str:
    return stated.text("description") or stated.first("og:description", "description", "twitter:description")


def _stated_body(stated: Stated) -> str:
    """The article's text in JSON-LD, one paragraph a line; some systems leave the markup in."""
    text = stated.story.get("articleBody")
    return _plain_lines(text) if isinstance(text, str) else ""


def _plain_lines(text: str) -> str:
    return _TAG.sub("", _BREAK.sub("\n", unescape(text)))


def _plain_text(text: str) -> str:
    return squeeze(_TAG.sub("", _BREAK.sub(" ", unescape(text))))


def _keywords(stated: Stated) -> Iterable[str]:
    yield from stated.meta.get("article:tag", ())
    yield from (plain(member) for member in stated.resolve(stated.story.get("keywords")))
    yield from stated.meta.get("news_keywords", ())
