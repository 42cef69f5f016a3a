"""The title of a story: what the page calls it, without the site's own name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml.html import HtmlElement

from crawler.agencies import name_forms
from crawler.markup import Block, elements, names_of, squeeze, text_of
from crawler.structured import Stated, microdata, unescape
from topic.folding import fold

_SEPARATOR = re.compile(r"\s+(?:[|•·»«>/]|[-–—])\s+|\s*\|\s*|\s*:{2,}\s*|\s+//\s+")
# A moment printed inside the heading, after the title: "... 06.01.12 08:49".
_MOMENT = re.compile(r"\s+[|•(]?\s*\d{1,2}[./]\d{1,2}[./](?:\d{2}|\d{4}),?\s+\d{1,2}:\d{2}\)?$")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_LONGEST = 400
_TITLE_WORDS = 4  # sections and sites have shorter names
_SHORTEST = 15  # characters; a section's name is shorter
_SUBTITLE = re.compile(r"(?:^|[\s_-])(?:sub-?title|sub-?headline|standfirst|deck|dek)(?:$|[\s_-])", re.IGNORECASE)


def find_title(
    stated: Stated, tree: HtmlElement, blocks: list[Block], *, site_names: Iterable[str], feed: str = ""
) -> str:
    """Empty where neither the page nor the feed names the story.

    JSON-LD's headline comes first, then the other data, then the window's title, each without the names of the site in
    `site_names` and of its sections, and shortened to the page's heading where that is told in it.
    """
    sites = frozenset(form for name in site_names if name for form in name_forms(name))
    headings = [_MOMENT.sub("", text_of(element)) for element in elements(tree, "h1")]
    headings = [text for text in headings if text and len(text) <= _LONGEST]
    headings = [text for text in dict.fromkeys(headings) if not _is_site(text, sites)]
    shown = {block.text for block in blocks}
    headline, shared, window = (_as_shown(without_site(claim, sites), shown) for claim in _claims(stated, tree))
    if headline or shared:
        return _beside_heading(headline or shared, headings)
    headings = [text for text in headings if not _ends_window(text, window)]
    if window and any(same_title(heading, window) for heading in headings):
        return _beside_heading(window, headings)
    leading = next((h for h in headings if len(h) >= _SHORTEST and _leads(h, window)), None)
    if leading is not None:
        return leading
    told = [text for text in (window, feed) if text]
    if len(headings) == 1:
        if window and len(window.split()) >= _TITLE_WORDS and _words(headings[0]).startswith(f"{_words(window)} "):
            return window
        long = len(headings[0].split()) > _TITLE_WORDS and not _SEPARATOR.search(headings[0])
        if not told or long or any(_akin(headings[0], text) for text in told):
            return headings[0]
    return _first_bar(window) or feed or next(iter(headings), "")


def _claims(stated: Stated, tree: HtmlElement) -> tuple[str, ...]:
    """What JSON-LD, the other data, and the window's title call the page; "" each where it says nothing."""
    shared = stated.first("og:title", "twitter:title", "headline", "title", "dc.title", "sailthru.title")
    window = next((text_of(element) for element in elements(tree, "title")), "")
    claims = (stated.text("headline"), shared or next(microdata(tree, "headline"), ""), squeeze(unescape(window)))
    return tuple(claim[:_LONGEST] for claim in claims)


def _leads(heading: str, window: str) -> bool:
    """Whether the window's title is the heading and what the site adds behind a separator."""
    return window.startswith(heading) and _SEPARATOR.match(window, len(heading)) is not None


def _ends_window(heading: str, window: str) -> bool:
    """Whether a short heading is the site's name, which the window's title ends with."""
    segments = _SEPARATOR.split(window)
    return len(heading.split()) < _TITLE_WORDS and any(heading in segment for segment in segments[1:])


def _first_bar(window: str) -> str:
    """The first of several segments between bars, where it is long enough for a title: keywords and names follow."""
    first = window.partition(" | ")[0]
    return first if len(first.split()) >= _TITLE_WORDS else window


def _beside_heading(claim: str, headings: list[str]) -> str:
    """The shorter of a claim and the heading that tells the same, unless the claim was cut."""
    heading = next((h for h in headings if same_title(h, claim)), claim)
    return heading if claim.endswith(("…", "...")) else min(claim, heading, key=len)


def _as_shown(title: str, shown: set[str]) -> str:
    """The longest run of the title's segments that the page shows as a line of its own: sections and slogans around the
    title are named nowhere as such."""
    cuts = [0, *(place for found in _SEPARATOR.finditer(title) for place in found.span()), len(title)]
    runs = {title[a:b].strip() for i, a in enumerate(cuts[:12]) for b in cuts[i + 1 : 12]}
    return max((run for run in runs if run in shown and len(run) >= _SHORTEST), key=len, default=title)


def _akin(heading: str, claim: str) -> bool:
    """Whether two titles tell of the same: at least two longer words, or half of the shorter title, in common."""
    a, b = (set(_words(text).split()) for text in (heading, claim))
    long = sum(len(word) > 3 for word in a & b)
    return long >= 2 or (long > 0 and len(a & b) * 2 >= min(len(a), len(b)))


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


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", fold(text)))


def _is_site(text: str, sites: frozenset[str]) -> bool:
    return any(form in sites for form in name_forms(text))


def find_subtitle(stated: Stated, tree: HtmlElement, blocks: list[Block], title: str) -> str | None:
    """The line under the title: what is marked as such, or what the page describes its story by and also shows."""
    shown = {block.text for block in blocks}
    described = [stated.text("alternativeHeadline", "description"), stated.first("og:description", "description")]
    marked = (
        text_of(element) for element in elements(tree, "h2", "h3", "p", "div") if _SUBTITLE.search(names_of(element))
    )
    plain_ones = [squeeze(_TAG.sub("", unescape(text))) for text in described]
    # Marked ones first: many pages describe themselves by the story's first sentence.
    for claim in (*marked, *(text for text in plain_ones if text in shown)):
        if 15 <= len(claim) <= _LONGEST and not same_title(claim, title):
            return claim
    return None
