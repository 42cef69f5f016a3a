"""Pages that are no story: what is not HTML, walls before the page, fronts of sections."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from crawler.markup import Block
from crawler.structured import STORY_TYPES, Stated


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a page gave no article: a short name, and one sentence that names the page."""

    url: str
    reason: str
    detail: str


_NOT_HTML = re.compile(
    rb"\s*(?:%PDF|\x89PNG|\xff\xd8\xff|GIF8|PK\x03\x04|\x1f\x8b|RIFF|[{\[]\s*[\"{\[\]}]"
    rb"|<\?xml[^>]*>\s*<(?!html|!doctype html)"
    rb"|<(?:rss|feed|urlset|sitemapindex|rdf:RDF)\b)",
    re.IGNORECASE,
)
_WALL = re.compile(
    r"just a moment|attention required|checking (?:your browser|if the site connection is secure)|ddos.?guard"
    r"|cf-challenge"
    r"|access (?:to this page has been )?denied|verify(?:ing)? (?:that )?you are (?:a )?human|are you a robot"
    r"|unusual traffic"
    r"|enable javascript and cookies to continue|incapsula incident|request unsuccessful|проверка браузера|один момент"
    r"|подтвердите, что вы не робот|доступ (?:к ресурсу )?(?:запрещ[её]н|ограничен)|bir an|güvenlik doğrulaması",
    re.IGNORECASE,
)
_LONGEST_WALL = 2000  # characters of visible text
_LIST_TYPES = frozenset({"collectionpage", "searchresultspage", "itemlist"})
LEAST_TEXT = 80  # characters; a shorter "story" is a caption or a notice that the page needs a script


def refuse_bytes(html: bytes, url: str) -> Refused | None:
    if not html.strip():
        return Refused(url, "empty", f"the page {url} is empty")
    if _NOT_HTML.match(html[:300]):
        return Refused(url, "not html", f"the page {url} is not HTML")
    return None


def refuse_wall(title: str, shown: str, url: str) -> Refused | None:
    """`shown` is the page's whole visible text: a story that tells of such a wall is longer than one."""
    if len(shown) <= _LONGEST_WALL and _WALL.search(f"{title} {shown}"):
        return Refused(
            url, "challenge page", f"the page {url} asks the visitor to prove something instead of telling a story"
        )
    return None


def refuse_front(stated: Stated, url: str, *, size: int, headlines: int) -> Refused | None:
    """`size` is the length of the text found, `headlines` how many linked headlines the page shows."""
    if stated.types & STORY_TYPES or "article" in stated.first("og:type"):
        return None
    says_so = bool(stated.types & _LIST_TYPES) and size < 600
    looks_so = headlines > 20 and size < 250
    if says_so or looks_so:
        return Refused(url, "section front", f"the page {url} lists stories and tells none")
    return None


def refuse_text(url: str, *, size: int) -> Refused | None:
    if size < LEAST_TEXT:
        return Refused(url, "no text", f"the page {url} holds no text of a story")
    return None


def count_headlines(blocks: Iterable[Block]) -> int:
    """Blocks that are links as long as a headline."""
    return sum(30 <= len(block.text) <= 200 and block.linked > 0.8 * len(block.text) for block in blocks)
