"""The tree of an HTML page, for the kinds of source that are pages."""

from __future__ import annotations

from lxml import etree, html


def read_tree(text: str) -> html.HtmlElement | None:
    """None for a page that is empty or nothing that can be read."""
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:
        return None
