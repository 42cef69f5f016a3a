"""The bytes of an XML answer to clean text that a strict parser accepts.

One byte that does not fit, one forbidden control character or one HTML entity makes a strict parser give up and a
lenient one guess; a whole Cyrillic feed then comes out as mojibake. So the charset is settled here, and what XML
forbids is taken out.

Trusted for the charset, in this order: the byte order mark; UTF-8 where most of what is not ASCII is UTF-8 (text of
other charsets never is, and stray bytes become U+FFFD); the charset of the HTTP header; that of the XML declaration
(both unless they say UTF-8, which was just ruled out, or a Western charset of bytes that stand as Cyrillic letters do:
servers say that of every page); windows-1251 where bytes stand so, else windows-1252, or windows-1254 where that gives
letters that only Icelandic has.
"""

from __future__ import annotations

import codecs
import html
import re
import zlib
from dataclasses import dataclass

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

from crawler.decode import ICELANDIC, WESTERN, known_charset, utf16_without_mark

MOST_UNPACKED = 16 << 20  # bytes of a gzip inside the body; 1 kB of gzip can unpack to 1 MB
_ROOT = re.compile(
    r"<((?:[A-Za-z][\w.-]{0,30}:)?(rss|rdf|feed|html|head|body|urlset|sitemapindex))(?=[\s>/])", re.IGNORECASE
)
_PAGE = frozenset({"html", "head", "body"})
_OPEN_ROOT = re.compile(r"<[^<>]{1,5000}?(/)?>")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]+")
_CONTROLS = bytes({*range(0x20), 0x7F} - {0x09, 0x0A, 0x0D})
_MAY_BE_FORBIDDEN = (b"\xc2", b"\xed", b"\xef")  # C1 controls, halves of pairs, U+FFFE and U+FFFF
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
# feedparser breaks on a stray </width> or </height>, which nothing here reads, and takes what a picture shows for the
# story: they go by another name, the latter without attributes, for which feedparser would leave out the text.
_SIZE = re.compile(r"(</?(?:[\w.-]{1,30}:)?)(?=(?:width|height)(?![\w.-]))", re.IGNORECASE)
_SHOWN = re.compile(r"<(/?)media:description(?:\s[^<>]*)?>", re.IGNORECASE)
# A link that says nothing would keep feedparser from taking the permalink for one.
_NO_LINK = re.compile(r"<link>\s{0,99}</link>|<link\s{0,9}/>")
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'


@dataclass(frozen=True, slots=True)
class XmlText:
    """`root` is the name of the root element in small letters and without prefix, "" when there is none that is known.
    `text` begins with the root and ends with it; what a cut-off answer left half said is not in it."""

    text: str
    root: str
    is_cut: bool
    is_shortened: bool = False


def read_xml(body: bytes, content_type: str | None) -> XmlText:
    """Document types go, and with them every entity of their own: nothing can be expanded."""
    unpacked, is_short = _unpack(body)
    text = _allowed(_decode(unpacked, content_type))
    root = _find_root(text)
    if root is None:
        return XmlText(text, "", is_short)
    name = root[2].lower()
    if name in _PAGE:
        return XmlText(text[root.start() :], "html", is_short)
    whole, is_cut = _whole(text[root.start() :], root[1])
    whole = _SHOWN.sub(r"<\1media:x-description>", _without_sizes(_CROWDED.sub(r"<\1\2>", whole)))
    return XmlText(_DECLARATION + _outside_cdata(_NO_LINK.sub("", whole)), name, is_cut)


def _allowed(text: str) -> str:
    """Without what XML forbids. In UTF-8 its control characters are bytes of their own, and all else begins with one of
    three bytes: where these are missing, nothing has to be searched character by character."""
    raw = text.encode("utf-8", "surrogatepass")
    if any(first in raw for first in _MAY_BE_FORBIDDEN):
        return _FORBIDDEN.sub("", text)
    kept = raw.translate(None, _CONTROLS)
    return text if len(kept) == len(raw) else kept.decode()


def _without_sizes(text: str) -> str:
    lower = text.lower()
    return _SIZE.sub(r"\1x-", text) if "width" in lower or "height" in lower else text


def _find_root(text: str) -> re.Match[str] | None:
    """The first that no comment speaks of; <head> and <body> make a page only where no XML is declared."""
    at = 0
    while (root := _ROOT.search(text, at)) is not None:
        comment = text.rfind("<!--", at, root.start())
        if comment >= 0 and text.find("-->", comment, root.start()) < 0 and (end := text.find("-->", root.end())) >= 0:
            at = end
        elif root[2].lower() in {"head", "body"} and text.lstrip("\ufeff \t\r\n").startswith("<?xml"):
            at = root.end()
        else:
            break
    return root


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


def shortened(document: XmlText, most: int) -> XmlText:
    """A document with more marks of elements than `most`, up to the last item that is whole before these are used up.
    feedparser takes 50 µs and 1 kB for each."""
    if document.text.count("<") <= most:
        return document
    at = -1
    for _ in range(most):
        at = document.text.find("<", at + 1)
        if document.text.startswith("<![CDATA[", at):
            at = document.text.find("]]>", at)
        if at < 0:
            return document
    root = _ROOT.match(document.text, len(_DECLARATION))
    text, _ = _whole(document.text[len(_DECLARATION) : at], root[1] if root else document.root)
    return XmlText(_DECLARATION + text, document.root, document.is_cut, is_shortened=True)


def _decode(body: bytes, content_type: str | None) -> str:
    charset, mark = read_bom(body)
    if charset is not None and mark is not None:
        return body[len(mark) :].decode(charset, "replace")
    wide = utf16_without_mark(body)
    if wide is not None:
        return body.decode(wide, "replace")
    text = body.decode("utf-8", "replace")
    strays = text.count("\ufffd")
    if strays * 2 <= _foreign(text):
        return text
    is_cyrillic = _LETTERS_OF_CYRILLIC.search(body) is not None
    for declared in (http_content_type_encoding(content_type), html_body_declared_encoding(body)):
        known = known_charset(declared)
        if known and not known.startswith("utf") and not (is_cyrillic and codecs.lookup(known).name in WESTERN):
            return _turkish_if_so(body, known)
    return _turkish_if_so(body, "cp1251" if is_cyrillic else "cp1252")


def _turkish_if_so(body: bytes, charset: str) -> str:
    text = body.decode(charset, "replace")
    if codecs.lookup(charset).name in WESTERN and len(ICELANDIC.findall(text)) > 2:
        return body.decode("cp1254", "replace")
    return text


def _foreign(text: str) -> int:
    return 0 if text.isascii() else len(text) - len(text.encode("ascii", "ignore"))


def _whole(text: str, root: str) -> tuple[str, bool]:
    """Up to the end of the root; where that is missing, up to the end of the last entry, and the root closed."""
    end = text.rfind(f"</{root}")
    if end >= 0:
        return f"{text[:end]}</{root}>", False
    if (start := _OPEN_ROOT.match(text)) is not None and start[1]:
        return start[0], False
    cdata = text.rfind("<![CDATA[")
    if cdata >= 0 and text.find("]]>", cdata) < 0:
        text = text[:cdata]
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
