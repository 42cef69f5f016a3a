"""What a news site may offer as a source: what its pages and robots.txt name, and where such things stand by custom.

Pure: the asking is `crawler.search_site`'s, the choosing `crawler.finds`'.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal
from urllib.parse import urlsplit

from lxml import html

from crawler.catalogue_file import LANGUAGES
from crawler.decode import decode_page
from crawler.discover_embedded import embedded_options
from crawler.kinds.jsonfeed import load_json, text_at
from crawler.kinds.page import read_tree
from crawler.kinds.section import likely_path
from crawler.kinds.text import page_address, plain_line
from crawler.kinds.xml_text import read_xml
from crawler.urls import canonical, registrable_domain

# Who names an address: whoever asks; the page in its head; a link on it; robots.txt; nobody, but many sites have it.
Origin = Literal["asked", "declared", "linked", "robots", "custom"]

LONGEST_PAGE = 4 << 20  # bytes in which links are looked for
MOST_DECLARED = 10  # of the feeds in a page's head
MOST_LINKED = 8  # of those that it links; a list of rubrics may have a hundred
MOST_SITEMAPS = 3
MOST_EDITIONS = 3
PAGE_KINDS = frozenset({"section", "embedded-json"})
_DECLARED = {
    "application/rss+xml": "feed",
    "application/atom+xml": "feed",
    "application/rdf+xml": "feed",
    "application/feed+json": "jsonfeed",
}
_FEED_PLACE = re.compile(r"(?:^|/)(?:rss|feeds?|atom|rdf)\d?(?=[/.]|$)|\.(?:rss|rdf|atom)$", re.IGNORECASE)
_FEED_FILE = (re.compile(r"rss|feed|atom", re.IGNORECASE), (".xml", ".php", ".asp", ".aspx", ".json"))
_FEED_QUERY = re.compile(
    r"(?:^|&)(?:feed|format|type|output)=(?:rss|atom|rdf|feed)\w*(?:&|$)|^(?:rss|feed)$", re.IGNORECASE
)
_FEED_WORDS = frozenset({"rss", "rss feed", "rss feeds", "rss 2.0", "atom", "atom feed", "json feed", "xml feed"})
_COMMENTS = re.compile(r"(?:^|[/=_-])comments?(?:$|[/&?.-])", re.IGNORECASE)
_SITEMAP_LINE = re.compile(r"^[ \t]{0,20}sitemap[ \t]{0,20}:[ \t]{0,20}(\S{1,2000})", re.IGNORECASE | re.MULTILINE)
_NEWS = re.compile(r"news", re.IGNORECASE)
# The places where most feeds of the catalogue stand, the most frequent first.
_FEEDS = (
    "/feed/",
    "/rss",
    "/rss.xml",
    "/feed.xml",
    "/index.xml",
    "/atom.xml",
    "/feeds/index.rss",
    "/rss.php",
    "/feed.json",
)
_EDITION_FEEDS = ("/rss", "/feed/", "/rss.xml")
_SITEMAPS = ("/news-sitemap.xml", "/sitemap-news.xml", "/sitemap.xml", "/sitemap_index.xml")
_POSTS = "wp/v2/posts?per_page=20&_embed=1"
# Of editions whose addresses say their language in three letters.
_EDITIONS = frozenset({"arm", "eng", "rus", "aze", "tur", "geo", "fra", "per"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An address that may be a source, and the kind that it would be."""

    kind: str
    url: str
    origin: Origin
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSays:
    """What a page says of its site. `feeds`: those that its head declares, then those that it links; `posts`: where
    WordPress answers its stories; `embedded`: options of the kind embedded-json; `section`: itself with an option
    that helps where none does not; `editions`: first parts of addresses that name a language."""

    site: str = ""
    title: str = ""
    language: str | None = None
    feeds: tuple[Candidate, ...] = ()
    posts: Candidate | None = None
    embedded: Candidate | None = None
    section: Candidate | None = None
    editions: tuple[str, ...] = ()


def kind_of(body: bytes, content_type: str | None) -> str | None:
    """The kind that an answer is of by its bytes, "page" for a page, None for anything else."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"{":
        return "jsonfeed" if "jsonfeed.org" in text_at(load_json(body), "version") else None
    if start == b"[":
        posts = load_json(body)
        told = [text_at(one, "link") for one in posts] if isinstance(posts, list) else []
        return "wordpress" if any(told) else None
    document = read_xml(body, content_type)
    if document.root in {"rss", "rdf", "feed"}:
        return "feed"
    if document.root in {"urlset", "sitemapindex"}:
        return "sitemap"
    return "page" if document.root == "html" or "html" in (content_type or "") else None


def read_front(body: bytes, url: str, content_type: str | None) -> PageSays:
    """What a page offers, seen from `url`. Never raises."""
    tree = read_tree(decode_page(body[:LONGEST_PAGE], content_type))
    if tree is None:
        return PageSays()
    base = page_address(next(iter(tree.xpath("//base/@href")), "") or url, url) or url
    embedded, path = embedded_options(tree, url), likely_path(tree, url)
    return PageSays(
        site=_meta(tree, "og:site_name"),
        title=plain_line(tree.findtext(".//title") or ""),
        language=tree.get("lang") or None,
        feeds=tuple(unlike([*islice(_declared(tree, base), MOST_DECLARED), *_linked(tree, base, url)])),
        posts=_posts(tree, base, url),
        embedded=Candidate(kind="embedded-json", url=url, origin="asked", options=embedded) if embedded else None,
        section=Candidate(kind="section", url=url, origin="asked", options={"path": path}) if path else None,
        editions=_editions(tree, base, url),
    )


def unlike(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Each once, however its address is spelt."""
    seen = set()
    for one in candidates:
        if key_of(one) not in seen:
            seen.add(key_of(one))
            yield one


def key_of(candidate: Candidate) -> tuple[str, ...]:
    """A page may be a source in several ways, an address of anything else in one."""
    ways = (candidate.kind, *candidate.options.values()) if candidate.kind in PAGE_KINDS else ()
    return canonical(candidate.url), *ways


def sitemaps_in(robots: str, url: str) -> tuple[Candidate, ...]:
    """The sitemaps that a robots.txt names, those of news first."""
    named = (page_address(found[1], url) for found in _SITEMAP_LINE.finditer(robots[:LONGEST_PAGE]))
    found = unlike(Candidate(kind="sitemap", url=one, origin="robots") for one in named if one)
    return tuple(sorted(found, key=lambda one: _NEWS.search(urlsplit(one.url).path) is None)[:MOST_SITEMAPS])


def customary_feeds(url: str, editions: Iterable[str] = ()) -> tuple[Candidate, ...]:
    """Where feeds stand by custom: those of the edition that the address is of (/en/...), those of the whole site,
    those of its other editions."""
    own = [one for one in urlsplit(url).path.split("/")[1:2] if _is_edition(one)]
    others = [one for one in editions if one not in own]
    places = (
        *(f"/{one}{place}" for one in own for place in _EDITION_FEEDS),
        *_FEEDS,
        *(f"/{one}{place}" for one in others for place in _EDITION_FEEDS),
    )
    return tuple(
        Candidate(kind="jsonfeed" if place.endswith(".json") else "feed", url=home_of(url, place), origin="custom")
        for place in places
    )


def customary_sitemaps(url: str) -> tuple[Candidate, ...]:
    return tuple(Candidate(kind="sitemap", url=home_of(url, place), origin="custom") for place in _SITEMAPS)


def customary_posts(url: str) -> Candidate:
    return Candidate(kind="wordpress", url=home_of(url, f"/wp-json/{_POSTS}"), origin="custom")


def home_of(url: str, place: str = "/") -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{place}"


def spoken(tag: str | None) -> str | None:
    """A language as the configuration takes it, out of what a feed or page declares: "en" of "en-US", "az-Cyrl"."""
    language, *rest = (tag or "").strip().replace("_", "-").lower().split("-")
    if language not in LANGUAGES or not language.isascii():
        return None
    script = next((part.title() for part in rest if len(part) == 4 and part.isascii() and part.isalpha()), "")
    return f"{language}-{script}" if language == "az" and script in {"Cyrl", "Arab"} else language


def _editions(tree: html.HtmlElement, base: str, url: str) -> tuple[str, ...]:
    site = registrable_domain(url)
    found: dict[str, None] = {}
    for link in tree.iter("a", "link"):
        address = _address(link.get("href"), base)
        if address and registrable_domain(address) == site:
            found |= {one: None for one in urlsplit(address).path.split("/")[1:2] if _is_edition(one)}
    return tuple(found)[:MOST_EDITIONS]


def _is_edition(segment: str) -> bool:
    return segment in LANGUAGES or segment in _EDITIONS


def _meta(tree: html.HtmlElement, name: str) -> str:
    found = (one.get("content") for one in tree.iter("meta") if (one.get("property") or one.get("name")) == name)
    return plain_line(next(found, None) or "")


def _declared(tree: html.HtmlElement, base: str) -> Iterator[Candidate]:
    for link in tree.iter("link"):
        kind = _DECLARED.get((link.get("type") or "").partition(";")[0].strip().lower())
        if kind and {"alternate", "feed"} & set((link.get("rel") or "").lower().split()):
            address = _address(link.get("href"), base)
            if address:
                yield Candidate(kind=kind, url=address, origin="declared")


def _linked(tree: html.HtmlElement, base: str, url: str) -> list[Candidate]:
    """Of the same site: another's feed is another's."""
    site, found = registrable_domain(url), []
    for link in tree.iter("a"):
        address = _address(link.get("href"), base)
        if address and registrable_domain(address) == site and _looks_like_feed(address, link):
            kind = "jsonfeed" if urlsplit(address).path.endswith(".json") else "feed"
            found.append(Candidate(kind=kind, url=address, origin="linked"))
    return list(unlike(found))[:MOST_LINKED]


def _looks_like_feed(address: str, link: html.HtmlElement) -> bool:
    parts = urlsplit(address)
    if _FEED_PLACE.search(parts.path) or _FEED_QUERY.search(parts.query):
        return True
    name, (word, endings) = parts.path.rpartition("/")[2], _FEED_FILE
    if name.lower().endswith(endings) and word.search(name):
        return True
    said = plain_line(" ".join(link.itertext())[:100]) or plain_line(link.get("title") or "")
    return said.lower() in _FEED_WORDS or (link.get("type") or "").lower() in _DECLARED


def _address(href: str | None, base: str) -> str | None:
    """None also for feeds of comments, which are no stories. Some sites write feed: before the address."""
    text = re.sub(r"^\s*feed:(?=//|https?:)", "", href or "", flags=re.IGNORECASE)
    address = page_address(text, base)
    if address is None:
        return None
    parts = urlsplit(address)
    if _COMMENTS.search(parts.path) or _COMMENTS.search(parts.query):
        return None
    return address.partition("#")[0]


def _posts(tree: html.HtmlElement, base: str, url: str) -> Candidate | None:
    """Where WordPress says that its interface is, else where it is mostly, if the page is WordPress's."""
    for link in tree.iter("link"):
        if (link.get("rel") or "").strip() == "https://api.w.org/" and (root := _address(link.get("href"), base)):
            place = f"{root}{_POSTS.replace('?', '&')}" if "rest_route=" in root else f"{root.rstrip('/')}/{_POSTS}"
            return Candidate(kind="wordpress", url=place, origin="declared")
    by = _meta(tree, "generator").lower()
    sources = (one.get("src") or one.get("href") or "" for one in tree.iter("script", "link"))
    if "wordpress" in by or any("/wp-content/" in one or "/wp-includes/" in one for one in sources):
        return customary_posts(url)
    return None
