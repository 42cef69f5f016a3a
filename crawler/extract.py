"""A page, or what its feed says, becomes an Article. Pure: values in, one value out; hostile input is refused."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from crawler.body import Found, find_body
from crawler.clean import clean_paragraphs
from crawler.datelines import read_dateline, source_behind
from crawler.decode import decode_page, without_controls
from crawler.draft import Draft, draft_entry, draft_page
from crawler.entry import Entry
from crawler.language import find_language, find_script
from crawler.markup import blocks_of, parse_tree, prune, squeeze
from crawler.normalise import content_hash
from crawler.pictures import find_captions
from crawler.published import Published, leading_moment
from crawler.refused import Refused, refuse_bytes, refuse_front, refuse_notice, refuse_text, refuse_wall
from crawler.rules import OutletRules
from crawler.urls import registrable_domain
from storage.article import Article, TextSource

__all__ = ["VERSION", "Examined", "Refused", "examine_page", "read_entry", "read_page"]

log = logging.getLogger(__name__)

# Raised whenever the same page would give another article, so that stored ones can be told apart.
VERSION = "3"
_CUT_OFF = re.compile(
    r"(?:\[?(?:\.\.\.|…)\]?|read more|continue reading|читать далее|davamını oxu|devamını oku)\W*$", re.IGNORECASE
)
_WHOLE = 300  # characters; a feed's "full text" below that is a summary
_LONGEST_TITLE = 120  # characters of a first paragraph that stands in for a title


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of a page, and the readings of its body; None where the page was refused before any was made."""

    outcome: Article | Refused
    found: Found | None = None


def read_page(
    html: bytes,
    url: str,
    *,
    content_type: str | None = None,
    now: datetime,
    outlet: OutletRules | None = None,
    entry: Entry | None = None,
    http_status: int | None = None,
) -> Article | Refused:
    """`url` is the page's address after redirects, `entry` what the feed said of it. Without `outlet` the site's domain
    stands for it, and times that name no zone are read as UTC.

    Raises nothing but MemoryError: a page that our reading does not stand is refused as "unreadable", and the log says
    where."""
    try:
        return examine_page(
            html, url, content_type=content_type, now=now, outlet=outlet, entry=entry, http_status=http_status
        ).outcome
    except MemoryError:  # for whoever limits it
        raise
    except Exception:
        log.exception("page not read: url=%s", url)
        return Refused(url, "unreadable", f"the page {url} could not be read: the log has the place in our code")


def examine_page(
    html: bytes,
    url: str,
    *,
    content_type: str | None = None,
    now: datetime,
    outlet: OutletRules | None = None,
    entry: Entry | None = None,
    http_status: int | None = None,
) -> Examined:
    """As `read_page`, with what the choice of the body rests on; mistakes of ours fly."""
    refused = refuse_bytes(html, url)
    if refused is not None:
        return Examined(refused)
    text = decode_page(html, content_type)
    tree = parse_tree(text)
    if tree is None:
        return Examined(Refused(url, "empty", f"the page {url} holds no HTML"))
    draft = draft_page(tree, url, now=now, outlet=outlet, entry=entry)
    found = find_body(
        tree,
        whole=lambda: parse_tree(text),
        title=draft.title,
        summary=draft.description or draft.summary or "",
        selectors=outlet.body_selectors if outlet else (),
        stated=draft.stated_body,
        fed=_feed_paragraphs(entry, draft, outlet) if entry is not None else (),
    )
    paragraphs = _cleaned(found.paragraphs, draft, draft.captions, outlet)
    size = sum(map(len, paragraphs))
    shown = squeeze(tree.text_content())
    refused = (
        refuse_wall(draft.title, shown, url)
        or refuse_notice(draft.stated, draft.title, shown, url, size=size)
        or refuse_front(draft.stated, url, size=size, headlines=draft.headlines)
        or refuse_text(draft.stated, url, size=size)
    )
    if refused is not None:
        return Examined(refused, found)
    article = _article(
        draft,
        paragraphs,
        "feed" if found.extractor == "feed" else "page",
        extractor=found.extractor,
        confidence=found.confidence,
        now=now,
        outlet=outlet,
        entry=entry,
        http_status=http_status,
    )
    return Examined(article, found)


def read_entry(entry: Entry, *, now: datetime, outlet: OutletRules | None = None) -> Article | Refused:
    """The story as its feed tells it, for when its page cannot be had: in full where the feed carries the text, else
    its summary and no body."""
    draft = draft_entry(entry, now=now, outlet=outlet)
    if not draft.title:
        return Refused(entry.link, "no text", f"the feed entry of {entry.link} has neither page nor title")
    paragraphs = _feed_paragraphs(entry, draft, outlet)
    source: TextSource = "feed" if paragraphs else "summary"
    return _article(draft, paragraphs, source, extractor=source, now=now, outlet=outlet, entry=entry, http_status=None)


def _feed_paragraphs(entry: Entry, draft: Draft, outlet: OutletRules | None) -> tuple[str, ...]:
    tree = parse_tree(without_controls(entry.content)) if entry.content.strip() else None
    if tree is None:
        return ()
    captions = find_captions(tree)
    prune(tree)
    paragraphs = _cleaned((block.text for block in blocks_of(tree)), draft, captions, outlet)
    whole = sum(map(len, paragraphs)) >= _WHOLE and not _CUT_OFF.search(paragraphs[-1])
    return paragraphs if whole else ()


def _cleaned(
    paragraphs: Iterable[str], draft: Draft, captions: tuple[str, ...], outlet: OutletRules | None
) -> tuple[str, ...]:
    boilerplate = outlet.boilerplate if outlet else frozenset()
    # A line that is an author's name alone is a byline.
    lines = (*captions, *draft.makers.authors)
    stamped = draft.published.raw if draft.published is not None and draft.published.method == "text" else ""
    bare = (_unstamped(text, stamped) if stamped else text for text in paragraphs)
    return clean_paragraphs(bare, title=draft.title, captions=lines, boilerplate=boilerplate)


def _unstamped(text: str, stamped: str) -> str:
    return text.removeprefix(stamped).lstrip(" ,|•-") if leading_moment(text) == stamped else text


def _article(
    draft: Draft,
    paragraphs: tuple[str, ...],
    text_source: TextSource,
    *,
    extractor: str,
    confidence: float | None = None,
    now: datetime,
    outlet: OutletRules | None,
    entry: Entry | None,
    http_status: int | None,
) -> Article:
    body = "\n\n".join(paragraphs)
    title = draft.title or paragraphs[0][:_LONGEST_TITLE]
    subtitle = draft.subtitle if draft.subtitle and draft.subtitle not in body else None
    told = f"{title}\n{body or draft.summary or ''}"
    language, method = find_language(
        told, declared=draft.declared_language, usual=outlet.languages if outlet is not None else ()
    )
    source = draft.makers.agency or (source_behind(draft.published.raw) if draft.published else None)
    line = read_dateline(paragraphs or (draft.summary or "",), outlet=outlet, own_names=draft.site_names, agency=source)
    article = Article(
        url=draft.url,
        canonical_url=draft.canonical_url,
        final_url=draft.final_url,
        outlet=outlet.outlet if outlet is not None else registrable_domain(draft.final_url),
        source=entry.source if entry is not None else "",
        guid=entry.guid if entry is not None else None,
        also_at=draft.also_at,
        title=title,
        subtitle=subtitle,
        summary=draft.summary,
        body=body,
        text_source=text_source,
        language=language,
        language_method=method,
        script=find_script(told),
        authors=draft.makers.authors or ((line.reporter,) if line.reporter else ()),
        credit=line.credit,
        dateline=line.place or draft.makers.place,
        modified=draft.modified,
        fetched=now,
        images=draft.images,
        alternates=draft.alternates,
        paywalled=draft.stated.paywalled,
        live=draft.stated.live,
        section=draft.section,
        tags=draft.tags,
        content_hash=content_hash(title, subtitle, body),
        extractor=extractor,
        extractor_version=VERSION,
        extraction_confidence=confidence,
        undecoded=f"{title}{body}".count("\ufffd"),
        http_status=http_status,
    )
    return _dated(article, draft.published)


def _dated(article: Article, published: Published | None) -> Article:
    if published is None:
        return article
    return replace(
        article,
        published=published.moment.instant,
        published_precision=published.moment.precision,
        published_raw=published.raw,
        published_method=published.method,
        published_doubt=published.doubt,
        zone_inferred=published.moment.zone_inferred,
        year_inferred=published.moment.year_inferred,
    )
