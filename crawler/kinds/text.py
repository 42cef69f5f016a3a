"""What sources call text, made plain: titles of one line, summaries of paragraphs, addresses that can be asked.

Sources escape once, twice or not at all, put HTML where text belongs and text where HTML belongs. Everything here takes
time linear in its input, since the input is hostile: no pattern looks ahead for the end of an element.
"""

from __future__ import annotations

import html
import re

from crawler.urls import absolute

_BLOCKS = re.compile(
    "address|article|aside|blockquote|br|div|d[dlt]|figcaption|figure|footer|h[1-6]|header|hr|li|main|nav|[ou]l|p|pre|"
    "section|table|t[dhr]"
)
_INLINE = re.compile(
    "a|abbr|b|big|body|center|cite|code|del|em|font|html|i|iframe|img|ins|label|mark|noscript|o|object|param|picture|q|s|"
    "script|small|source|span|strike|strong|style|su[bp]|time|tbody|thead|u|video|wbr"
)
_HIDDEN = frozenset({"script", "style", "iframe", "noscript", "figcaption"})
_MARK = "\x1e"  # stands for the edge of a block; cannot be in a text, since parsers drop control characters

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)(?:[\s/:][^<>]*)?>|<!\[CDATA\[|\]\]>|<!--[^<>]*-->")
# With the semicolon only: "R&D" and "?a=1&copy=2" are no entities.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1d\x1f\x7f\u00ad\u200b\u2060\ufeff\ud800-\udfff]")
_CUT = re.compile(r"(?:\[?(?:…|\.\.\.)\]?|\[\+?\d* ?chars\]|(?:Read more|Continue reading)\W*)\s*$", re.IGNORECASE)

TIMES_ESCAPED = 3
LONGEST_MARKUP = 400_000  # characters; the longest report seen has 60,000


def plain_line(text: str) -> str:
    """A title or a name on one line, without tags and entities, however often it was escaped."""
    return " ".join(_plain(text).replace(_MARK, " ").split())


def plain_text(markup: str) -> str:
    """HTML or text as paragraphs joined by a blank line. Without tags of blocks, blank lines part the paragraphs."""
    text = _plain(markup)
    parts = text.split(_MARK) if _MARK in text else re.split(r"\n[ \t\r]*\n", text)
    return "\n\n".join(line for part in parts if (line := " ".join(part.split())))


def is_cut_off(text: str) -> bool:
    """Whether a text ends as teasers end: with dots, "[…]", "Read more"."""
    return _CUT.search(text[-60:]) is not None


def page_address(link: str, base: str) -> str | None:
    """`link` seen from `base`, or None when it is empty or leads to no web page."""
    return absolute(base, link) if link.strip() else None


def _plain(markup: str) -> str:
    text = _INVISIBLE.sub("", markup[:LONGEST_MARKUP].replace(_MARK, " "))
    for _ in range(TIMES_ESCAPED):
        if "<" in text or "]]>" in text:
            text = _without_tags(text)
        decoded = _ENTITY.sub(lambda found: html.unescape(found[0]), text) if "&" in text else text
        if decoded == text:
            break
        text = _INVISIBLE.sub("", decoded)
    return text


def _without_tags(markup: str) -> str:
    parts = []
    at = 0
    hidden = ""
    for tag in _TAG.finditer(markup):
        name = (tag[2] or "").lower()
        if name and not _BLOCKS.fullmatch(name) and not _INLINE.fullmatch(name):
            continue  # "<Unknown>" in a text is text
        if not hidden:
            parts.append(markup[at : tag.start()])
        at = tag.end()
        if hidden:
            hidden = "" if tag[1] and name == hidden else hidden
        elif name in _HIDDEN and not tag[1] and not tag[0].endswith("/>"):
            hidden = name
        elif _BLOCKS.fullmatch(name):
            parts.append(_MARK)
    return "".join(parts) if hidden else "".join((*parts, markup[at:]))
