"""The title of a story: what the page calls it, without the site's own name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml.html import HtmlElement

from crawler.agencies import name_forms
from crawler.markup import Block, elements, names_of, squeeze, text_of
from crawler.structured import Stated, microdata, unescape
from topic.folding import fold

_SEPARATOR = re.compile(r"\s+(?:[|•·»«>/]|::|[-–—])\s+|\s*\|\s*|\s+//\s+")
_LONGEST = 400
_SUBTITLE = re.compile(r"(?:^|[\s_-])(?:sub-?title|sub-?headline|standfirst|deck|dek)(?:$|[\s_-])", re.IGNORECASE)


def find_title(stated: Stated, tree: HtmlElement, *, site_names: Iterable[str], feed: str = "") -> str:
    """ "" where neither the page nor the feed names the story.

    `site_names` are names of the outlet and its site. A heading on the page counts where the structured data say the same,
    shortened or with the site's name; alone, only when it is the only <h1>.
    """
    sites = frozenset(form for name in site_names if name for form in name_forms(name))
    headings = [text for element in elements(tree, "h1") if (text := text_of(element)) and len(text) <= _LONGEST]
    window = next((text_of(element) for element in elements(tree, "title")), "")
    claims = [
        stated.text("headline"),
        stated.first("og:title", "twitter:title", "headline", "title", "dc.title", "sailthru.title"),
        next(microdata(tree, "headline"), ""),
        squeeze(unescape(window)),
    ]
    claims = [bare for claim in claims if claim and (bare := without_site(claim, sites))]
    for claim in claims:
        heading = next((h for h in headings if same_title(h, claim)), None)
        if heading:
            return heading
    if len(headings) == 1 and not _is_site(headings[0], sites) and _told_by(headings[0], feed, window):
        return headings[0]
    return next(iter(claims), "") or feed or next(iter(headings), "")


def without_site(title: str, sites: frozenset[str]) -> str:
    """`title` without segments at its ends that name the site; "" when nothing else is in it."""
    segments = [squeeze(s) for s in _SEPARATOR.split(title)]
    kept = title
    while len(segments) > 1 and _is_site(segments[-1], sites):
        kept = squeeze(kept[: kept.rindex(segments.pop())]).rstrip(" |•·»«>/:-–—")
    while len(segments) > 1 and _is_site(segments[0], sites):
        kept = squeeze(kept[kept.index(segments[0]) + len(segments.pop(0)) :]).lstrip(" |•·»«>/:-–—")
    return "" if _is_site(kept, sites) else kept


def same_title(heading: str, claim: str) -> bool:
    """Whether one is the other, perhaps cut short."""
    a, b = _words(heading), _words(claim)
    shorter, longer = sorted((a, b), key=len)
    return (
        len(shorter) > 0
        and longer.startswith(shorter.removesuffix("...").rstrip("…"))
        and len(shorter) > 0.6 * len(longer)
    )


def _told_by(heading: str, feed: str, window: str) -> bool:
    return any(told and _words(heading) in _words(told) for told in (feed, window)) or not (feed or window)


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", fold(text)))


def _is_site(text: str, sites: frozenset[str]) -> bool:
    return any(form in sites for form in name_forms(text))


def find_subtitle(stated: Stated, tree: HtmlElement, blocks: list[Block], title: str) -> str | None:
    """The line under the title: what the page describes its story by and also shows, or what is marked as such."""
    shown = {block.text for block in blocks}
    described = [stated.text("alternativeHeadline", "description"), stated.first("og:description", "description")]
    marked = (
        text_of(element) for element in elements(tree, "h2", "h3", "p", "div") if _SUBTITLE.search(names_of(element))
    )
    for claim in (*(text for text in described if text in shown), *marked):
        if 15 <= len(claim) <= _LONGEST and not same_title(claim, title):
            return claim
    return None
