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
_CONSENT = re.compile(
    r"before you continue|(?:accept|consent to|agree to)[\w ]{0,30} cookies|cookie consent|we value your privacy"
    r"|принять (?:все )?(?:файлы )?cookie|çerez(?:leri)? (?:kabul|onay)|accepte[rz] (?:tous )?les cookies"
    r"|cookies? (?:zustimmen|akzeptieren)|aceptar (?:las )?cookies",
    re.IGNORECASE,
)
_NOT_FOUND = re.compile(
    r"^\W*(?:error )?404\b|\b(?:page|article|story) (?:was )?not found"
    r"|page (?:non trouvée|introuvable)|seite nicht gefunden"
    r"|página no encontrada|страница не (?:найдена|существует)|сторінк\w+ не знайдено|səhifə tapılmadı|sayfa bulunamadı"
    r"|էջը (?:չի գտնվել|չգտնվեց|գոյություն չունի)|գտնված չէ|გვერდი ვერ მოიძებნა|صفحه\W(?:مورد نظر )?(?:یافت|پیدا) نشد",
    re.IGNORECASE,
)
_SHORT = 300  # characters; a wall or an apology says no more, a story says more or calls itself one
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


def refuse_notice(stated: Stated, title: str, shown: str, url: str, *, size: int) -> Refused | None:
    """A page that only says that the story is gone, or asks for consent first; `shown` as for walls."""
    if _is_story(stated) or size >= _SHORT:
        return None
    if _NOT_FOUND.search(title):
        return Refused(url, "not found", f"the page {url} says that there is no such page, though it answers as if")
    if _CONSENT.search(title) or (len(shown) <= _LONGEST_WALL and _CONSENT.search(shown) and size < LEAST_TEXT):
        return Refused(url, "consent wall", f"the page {url} asks for consent before it tells anything")
    return None


def _is_story(stated: Stated) -> bool:
    return bool(stated.types & STORY_TYPES) or "article" in stated.first("og:type")


def refuse_front(stated: Stated, url: str, *, size: int, headlines: int) -> Refused | None:
    """`size` is the length of the text found, `headlines` how many linked headlines the page shows."""
    if _is_story(stated):
        return None
    says_so = bool(stated.types & _LIST_TYPES) and size < 600
    looks_so = headlines > 20 and size < 250
    if says_so or looks_so:
        return Refused(url, "section front", f"the page {url} lists stories and tells none")
    return None


def refuse_text(stated: Stated, url: str, *, size: int) -> Refused | None:
    if size >= LEAST_TEXT:
        return None
    kind = stated.first("og:type").lower()
    if "video" in kind or stated.types & {"videoobject"}:
        return Refused(url, "video", f"the page {url} shows a video and tells nothing beside it")
    if "gallery" in kind or stated.types & {"imagegallery", "mediagallery"}:
        return Refused(url, "gallery", f"the page {url} shows pictures and tells nothing beside them")
    return Refused(url, "no text", f"the page {url} holds no text of a story")


def count_headlines(blocks: Iterable[Block]) -> int:
    """Blocks that are links as long as a headline."""
    return sum(30 <= len(block.text) <= 200 and block.linked > 0.8 * len(block.text) for block in blocks)
