"""The bytes of an XML answer to clean text that a strict parser accepts.

One byte that does not fit, one forbidden control character or one HTML entity makes a strict parser give up and a
lenient one guess; a whole Cyrillic feed then comes out as mojibake. So the charset is settled here, and what XML
forbids is taken out.

Trusted for the charset, in this order: the byte order mark; UTF-8 where most of what is not ASCII is UTF-8 (text of
other charsets never is, and stray bytes become U+FFFD); the charset of the HTTP header; that of the XML declaration
(both unless they say UTF-8, which was just ruled out); windows-1251 where bytes stand as Cyrillic letters do, else
windows-1252.
"""

from __future__ import annotations

import html
import re
import zlib
from dataclasses import dataclass

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom, resolve_encoding

MOST_UNPACKED = 16 << 20  # bytes of a gzip inside the body; 1 kB of gzip can unpack to 1 MB
_ROOT = re.compile(
    r"<((?:[A-Za-z][\w.-]{0,30}:)?(rss|rdf|feed|html|head|body|urlset|sitemapindex))(?=[\s>/])", re.IGNORECASE
)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos);)(?:(#\d{1,8}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{1,31});)?"
)
_LETTERS_OF_CYRILLIC = re.compile(rb"[\xc0-\xff]{4}")
_ITEM_END = re.compile(r"</(?:[\w.-]{1,30}:)?(?:item|entry|url|sitemap)\s*>", re.IGNORECASE)
_ITEM_START = re.compile(r"<(?:[\w.-]{1,30}:)?(?:item|entry|url|sitemap)[\s>]", re.IGNORECASE)
# feedparser looks up attributes in time that grows with their square; no element of a feed has a tenth of these.
_CROWDED = re.compile(
    r"""<([A-Za-z_][^\s<>/=]*+)(?:\s++[^\s=<>"']++\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+')){100,}+\s*+(/?)>"""
)
# feedparser breaks on a stray </width> or </height>, which nothing here reads: they go by another name.
_SIZE = re.compile(r"(</?(?:[\w.-]{1,30}:)?)(?=(?:width|height)(?![\w.-]))", re.IGNORECASE)
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'


@dataclass(frozen=True, slots=True)
class XmlText:
    """`root` is the name of the root element in small letters and without prefix, "" when there is none that is known.
    `text` begins with the root and ends with it; what a cut-off answer left half said is not in it."""

    text: str
    root: str
    is_cut: bool


def read_xml(body: bytes, content_type: str | None) -> XmlText:
    """Document types go, and with them every entity of their own: nothing can be expanded."""
    unpacked, is_short = _unpack(body)
    text = _FORBIDDEN.sub("", _decode(unpacked, content_type))
    root = _ROOT.search(text)
    if root is None:
        return XmlText(text, "", is_short)
    name = root[2].lower()
    if name in {"html", "head", "body"}:
        return XmlText(text[root.start() :], "html", is_short)
    whole, is_cut = _whole(text[root.start() :], root[1])
    return XmlText(_DECLARATION + _outside_cdata(_SIZE.sub(r"\1x-", _CROWDED.sub(r"<\1\2>", whole))), name, is_cut)


def _unpack(body: bytes) -> tuple[bytes, bool]:
    """A gzip that the server did not declare, unpacked as far as it goes: (bytes, whether its end is missing)."""
    if not body.startswith(b"\x1f\x8b"):
        return body, False
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(body, MOST_UNPACKED)
    except zlib.error:
        return b"", True
    return unpacked, not unpacker.eof


def _decode(body: bytes, content_type: str | None) -> str:
    charset, mark = read_bom(body)
    if charset is not None and mark is not None:
        return body[len(mark) :].decode(charset, "replace")
    for start, wide in ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be")):
        if body.startswith(start):
            return body.decode(wide, "replace")
    text = body.decode("utf-8", "replace")
    strays = text.count("\ufffd")
    if strays * 2 <= _foreign(text):
        return text
    for declared in (http_content_type_encoding(content_type), html_body_declared_encoding(body)):
        known = resolve_encoding(declared) if declared else None
        if known and not known.startswith("utf"):
            return body.decode(known, "replace")
    return body.decode("cp1251" if _LETTERS_OF_CYRILLIC.search(body) else "cp1252", "replace")


def _foreign(text: str) -> int:
    return 0 if text.isascii() else len(text) - len(text.encode("ascii", "ignore"))


def _whole(text: str, root: str) -> tuple[str, bool]:
    """Up to the end of the root; where that is missing, up to the end of the last entry, and the root closed."""
    end = text.rfind(f"</{root}")
    if end >= 0:
        return f"{text[:end]}</{root}>", False
    first = _ITEM_START.search(text)
    stop = first.start() if first else len(text)
    for item in _ITEM_END.finditer(text):
        stop = item.end()
    channel = "</channel>" if root.lower() == "rss" else ""
    return f"{text[:stop]}{channel}</{root}>", True


def _outside_cdata(text: str) -> str:
    """References that XML does not know become characters, a bare & an &amp;; in CDATA both may stand."""
    parts = []
    at = 0
    while (start := text.find("<![CDATA[", at)) >= 0 and (end := text.find("]]>", start)) >= 0:
        parts += [_REFERENCE.sub(_reference, text[at:start]), text[start : end + 3]]
        at = end + 3
    return "".join((*parts, _REFERENCE.sub(_reference, text[at:])))


def _reference(found: re.Match[str]) -> str:
    name = found[1]
    if name is None:
        return "&amp;"
    meant = html.unescape(f"&{name};")
    if meant.startswith("&") and len(meant) > 1:
        return f"&amp;{name};"
    return html.escape(_FORBIDDEN.sub("", meant))
