"""Images of a story with caption and credit, and all texts of a page that only describe its images."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from crawler.markup import elements, names_of, squeeze, text_of
from crawler.structured import Stated, plain
from crawler.urls import absolute
from storage.article import Image

_CAPTION = re.compile(r"caption|photo-?(?:desc|credit|author|text)|img-?(?:desc|text)|cutline", re.IGNORECASE)
_CREDIT = re.compile(
    r"(?:[\[(]\s*)?(?:(?:photos?(?: credit| by)?|photograph|pictures?|(?:photo|image) credits?|credits?|image"
    r"|фото(?:графия)?"
    r"|foto(?:ğraf|grafie|graf)?|şəkil|լուսանկար\w*|ֆոտո|ფოტო|عکس|crédits?(?: photo)?|bild)\s*[:/©՝]"
    r"|©|\b(?:photo|picture) by\b)"
    r"\s*(?P<who>[^()\[\]]{2,80}?)\s*[\])]?\.?$",
    re.IGNORECASE,
)
_TRAILING = re.compile(r"\s*\((?P<who>[^()]*(?:photo|фото|foto|AFP|Reuters|AP|TASS|ТАСС|/)[^()]*)\)\.?$", re.IGNORECASE)
_LONGEST_CAPTION = 400
_MOST = 10


def find_captions(tree: HtmlElement) -> tuple[str, ...]:
    """Captions, and what images are labelled with for those who do not see them."""
    found = []
    for element in elements(tree, "figcaption", "img", "p", "div", "span", "dd", "em", "td"):
        if element.tag == "img":
            found += [squeeze(element.get(name) or "") for name in ("alt", "title")]
        elif element.tag == "figcaption" or _CAPTION.search(names_of(element)):
            found.append(text_of(element))
    return tuple(dict.fromkeys(text for text in found if 0 < len(text) <= _LONGEST_CAPTION))


def find_images(stated: Stated, tree: HtmlElement, base: str) -> tuple[Image, ...]:
    """The images that the page names as its story's, then those in figures with a caption; the first ten."""
    figures = {image.url: image for image in _figures(tree, base)}
    named = [stated.first("og:image:secure_url", "og:image", "twitter:image"), *_structured(stated)]
    urls = [url for link in named if link and (url := absolute(base, link))]
    images = {url: figures.get(url) or Image(url) for url in urls} | figures
    return tuple(images.values())[:_MOST]


def _structured(stated: Stated) -> Iterator[str]:
    for member in stated.resolve(stated.story.get("image")):
        if isinstance(member, str):
            yield member
        elif isinstance(member, dict):
            yield plain(member.get("url") or member.get("contentUrl"))


def _figures(tree: HtmlElement, base: str) -> Iterator[Image]:
    for figure in elements(tree, "figure"):
        image = next(elements(figure, "img"), None)
        caption = next((text_of(element) for element in elements(figure, "figcaption")), "")
        if image is None or not caption or len(caption) > _LONGEST_CAPTION:
            continue
        url = absolute(base, image.get("src") or image.get("data-src") or "")
        if url:
            text, credit = split_credit(caption)
            yield Image(url, text or None, credit)


def split_credit(caption: str) -> tuple[str, str | None]:
    """A caption and, where its end names the photographer or agency, that name."""
    found = _CREDIT.search(caption) or _TRAILING.search(caption)
    if found is None:
        return caption, None
    return squeeze(caption[: found.start()]).rstrip(" .|-–—") or "", squeeze(found["who"])
