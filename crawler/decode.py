"""Bytes of a page to text: what was declared, unless the bytes themselves say otherwise."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from charset_normalizer import from_bytes
from w3lib.encoding import (
    html_body_declared_encoding,
    http_content_type_encoding,
    read_bom,
    resolve_encoding,
    to_unicode,
)

# A page of another charset that happens to be valid UTF-8 does not occur: Cyrillic in windows-1251 breaks it in the
# first word. A cut or one stray byte, on the other hand, does not make a UTF-8 page something else.
STRAY_SHARE = 0.02
_SAMPLE = 60_000
_MARKUP_READ = 1_000_000  # bytes, in which more than the sample is shown
_MARKS = rb"<a b='1'>+AD4-\x41~{}&amp;</a>"
_FIRST = 400  # bytes, the declaration and the head of a page
_LIKELY = ["cp1251", "cp1252", "cp1254", "cp1256", "koi8_r", "cp1253", "cp866", "iso8859_5"]
# What servers say of every page where nobody told them better. In no Western language is every third letter accented.
WESTERN = frozenset({"cp1252", "iso8859-1"})
_MOST_ACCENTED = 0.3
ICELANDIC = re.compile("[ðýþÐÝÞ]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_MARKUP = re.compile(rb"<(script|style)\b.{0,100000}?</\1>|<[^>]{0,5000}>", re.DOTALL | re.IGNORECASE)


def decode_page(html: bytes, content_type: str | None) -> str:
    """The text of a page, without the control characters that no parser of HTML accepts.

    Order: byte order mark, UTF-8 where the bytes are, the charset of the HTTP header, that of the page's own
    declaration, and detection where neither fits the bytes.
    """
    return without_controls(_decode(html, content_type))


def without_controls(text: str) -> str:
    return _CONTROL.sub(" ", text)


def _decode(html: bytes, content_type: str | None) -> str:
    bom, mark = read_bom(html)
    if bom is not None and mark is not None:
        return to_unicode(html[len(mark) :], bom)
    wide = utf16_without_mark(html)
    if wide:
        return html.decode(wide, "replace")
    if is_utf8(html):
        return html.decode("utf-8", "replace")
    for declared in (http_content_type_encoding(content_type), html_body_declared_encoding(html)):
        known = known_charset(declared)
        if known and codecs.lookup(known).name not in {"utf-8", "ascii"} and _fits(html, known):
            return _turkish_if_so(html.decode(known, "replace"), known, html)
    likely = _detect(html)
    return _turkish_if_so(html.decode(likely, "replace"), likely, html)


@lru_cache(maxsize=256)
def known_charset(declared: str | None) -> str | None:
    """The codec of a declared charset. None where it is none in which ASCII stays what it is: Python has codecs by the
    names of packings and escapes, too, and the mark-up that declared it was read as ASCII."""
    known = resolve_encoding(declared) if declared else None
    try:
        return known if known and _MARKS.decode(known, "replace") == _MARKS.decode("ascii") else None
    except (LookupError, ValueError):
        return None


def is_utf8(html: bytes) -> bool:
    """Whether bytes are UTF-8, but for a few strays."""
    try:
        html.decode("utf-8")
    except UnicodeDecodeError:
        text = html.decode("utf-8", "replace")
        foreign = sum(len(run) for run in re.findall("[^\x00-\x7f]+", text))
        return text.count("\ufffd") <= STRAY_SHARE * foreign
    return True


def _fits(html: bytes, charset: str) -> bool:
    """Whether few bytes are undefined in a charset, and few come out as the control characters U+0080 to U+009F."""
    text = html.decode(charset, "replace")
    if codecs.lookup(charset).name in WESTERN and _accented_share(html, charset) > _MOST_ACCENTED:
        return False
    odd = text.count("\ufffd") + len(re.findall("[\x80-\x9f]", text))
    return odd <= STRAY_SHARE * max(1, len(re.findall("[^\x00-\x7f]", text)))


def _accented_share(html: bytes, charset: str) -> float:
    letters = [c for c in _shown(html).decode(charset, "replace") if c.isalpha()]
    return sum(not c.isascii() for c in letters) / max(1, len(letters))


def _turkish_if_so(text: str, charset: str, html: bytes) -> str:
    """The Western charset and the Turkish one differ in six letters, which only Icelandic uses as Western ones."""
    if codecs.lookup(charset).name in WESTERN and len(ICELANDIC.findall(_shown(html).decode(charset, "replace"))) > 2:
        return html.decode("cp1254", "replace")
    return text


def utf16_without_mark(html: bytes) -> str | None:
    """Mark-up in UTF-16 is zeros at every other place; other charsets have none."""
    even, odd = html[:_FIRST:2].count(0), html[1:_FIRST:2].count(0)
    if max(even, odd) < _FIRST / 8 or min(even, odd) > _FIRST / 50:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _shown(html: bytes) -> bytes:
    return _MARKUP.sub(b" ", html[:_MARKUP_READ])[:_SAMPLE]


def _detect(html: bytes) -> str:
    sample = _shown(html)
    likely = from_bytes(sample, cp_isolation=_LIKELY).best()
    return likely.encoding if likely is not None else "utf-8"
