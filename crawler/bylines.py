"""Who wrote a story: people's names, none rather than wrong ones."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from lxml.html import HtmlElement

from crawler.agencies import is_agency, name_forms
from crawler.markup import elements, names_of, squeeze, text_of
from crawler.places import is_city, written_small
from crawler.structured import Stated, plain, unescape
from topic.folding import fold

_META = (
    "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl",
    "article:author_name", "articleauthor", "cxenseparse:author", "article:byline", "og:author",
)  # fmt: skip
_LABEL = re.compile(
    r"^(?:(?:written |edited |reported |translated |analysis |opinion )?by\b|von\b|par\b"
    r"|por\b|автор(?:ы|ами)?\b|текст\b|haber\b|muhabir\b"
    r"|yazan\b|müəllif\b|հեղինակ\b|ავტორი\b|نویسنده\b|text\b|author\b)\s*[:\-–—]?\s*",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(
    r"\s*(?:[;|•·\n]|(?<!\w)/|/(?!\w)|,|(?<=\w{3})\.\s|\band\b|\bund\b|\bet\b|\by\b|\s&\s|\sи\s|\sve\s|\svə\s|\sև\s)\s*"
)
_AFTER = re.compile(r"\s*(?:\(.*|\s[-–—]\s.*|\bfor\s.*|\bспециально\s.*)$", re.IGNORECASE)
_STATIONED = re.compile(r"\s+in\s+[A-Z].*$")  # "Associated Press in Valencia"
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[.'’`´ʼ-])*")
_NO_NAME = re.compile(
    r"https?:|www\.|@|\d|\.(?:am|az|ru|com|net|org|info|de|ir|tr)\b"
    r"|\b(?:news|agency|agencies|staff|editor\w*|desk|team|reporters?|correspondents?|admin\w*|redaktion\w*|redaction|rédaction"
    r"|redacci[oó]n|newsroom|press|media|tv|radio|online|journal|magazine|times|post|service|bureau|department|group|nachrichten"
    r"|редакци\w*|редактор\w*|агентств\w*|корр\w*|новости|служба|пресс\w*|администратор|haber\w*|ajans\w*|merkezi|servisi"
    r"|redaksiya\w*|xəbər\w*|muxbir\w*|müxbir\w*|լուր\w*|խմբագր\w*|گروه|اخبار|باشگاه|خبرنگاران|خبرگزاری|تحریریه|archive|archivo|writer|columnist|analyst|analysis|politics|business|auto|national|photos?|фото|foto)\b",
    re.IGNORECASE,
)
_BYLINE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:byline|author|authors|autor|auteur|yazar|muhabir|contributor)s?(?:$|[\s_-])", re.IGNORECASE
)
_BYLINE_INSIDE = re.compile(r"[a-z](?:Byline|Authors?)(?=$|[A-Z\s_-])")  # metaInfoAuthorList
# Chinese, Japanese and Korean names are one word of a few letters, with the reporter's title behind it at most.
_EASTERN = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]{3,5}|[\uac00-\ud7a3]{2,4}")
_EASTERN_TITLE = re.compile(r"\s*(?:기자|特派員|記者)$")
_NAME_AND_DATE = re.compile(r"([^|\d]{4,80}?)\s*\|\s*\d")
_LONGEST_BYLINE = 200
# Lines after the title in which an agency may be the source; further on it is a photograph's, and a single word such as
# "Trend" or "Report" is more often a section or a button.
_AGENCY_LINES = 4
_PLACE_LINES = 8
_LONGEST_LABELLED = 60
_PARTICLES = frozenset(
    re.findall(
        r"\S+", "von van de der den di da del dos la le al el bin ibn ter zu y e i и оглы кызы oglu oğlu qızı qizi"
    )
)


@dataclass(frozen=True, slots=True)
class Makers:
    """`agency` is the first agency or outlet that stands where an author would, `place` a city beside the byline."""

    authors: tuple[str, ...]
    agency: str | None = None
    place: str | None = None


def find_makers(
    stated: Stated,
    tree: HtmlElement | None,
    *,
    not_people: Iterable[str],
    beside: Iterable[str] = (),
    feed: tuple[str, ...] = (),
) -> Makers:
    """The first source that names people wins: JSON-LD, meta tags, the visible byline, the feed.

    `beside` are short lines beside the title, where some sites print "Name | date" or an agency; `not_people` are the
    names of the outlet and its site. The plain meta tag "author" counts only where the page shows that name too: on
    many sites it is the one who built them.
    """
    outlets = frozenset(form for name in not_people for form in name_forms(name) if name)
    page = (_in_structure(stated), _in_meta(stated, tree), _visible(tree)) if tree is not None else ()
    beside = tuple(beside)
    agency = next((line for line in beside[:_AGENCY_LINES] if is_agency(line) and " " in line), None)
    place = next((city for line in beside[:_PLACE_LINES] if (city := _place_beside(line))), None)
    printed = [found[1] for line in beside if (found := _NAME_AND_DATE.match(line))]
    printed += [line for line in beside[:_PLACE_LINES] if _LABEL.match(line) and len(line) <= _LONGEST_LABELLED]
    for raw in (*page, printed, feed):
        names = [name for text in raw for name in split_names(text)]
        agency = agency or next((bare for name in names if is_agency(bare := _STATIONED.sub("", name))), None)
        people = tuple(dict.fromkeys(name for name in names if is_person(name, outlets)))
        if people:
            return Makers(_without_repeats(people), agency, place)
    return Makers((), agency, place)


def _place_beside(line: str) -> str | None:
    """The city in a line that is one, in "Name Surname, City" and in "Agency in City"."""
    name, comma, city = line.rpartition(", ")
    if is_city(city.strip()) and (not comma or is_person(name)):
        return written_small(city.strip())
    agency, stationed, city = line.partition(" in ")
    return city if stationed and is_agency(agency) and city.istitle() and len(city.split()) <= 2 else None


def split_names(text: str) -> list[str]:
    text = _LABEL.sub("", squeeze(unescape(text)))
    if len(text) > _LONGEST_BYLINE:
        return []
    pieces = (
        _EASTERN_TITLE.sub("", squeeze(_AFTER.sub("", _LABEL.sub("", piece)))) for piece in _SEPARATOR.split(text)
    )
    return [piece.strip(" .,:") if not re.search(r"\b\w\.$", piece) else piece for piece in pieces if piece]


def is_person(name: str, outlets: frozenset[str] = frozenset()) -> bool:
    words = name.split()
    if _EASTERN.fullmatch(name):
        return fold(name) not in outlets
    if not 2 <= len(words) <= 6 or len(name) > 60 or _NO_NAME.search(name) or is_agency(name):
        return False
    if not all(_WORD.fullmatch(word) and (_begins_name(word) or word.lower() in _PARTICLES) for word in words):
        return False
    folded = fold(name)
    return folded.replace(" ", "") not in {o.replace(" ", "") for o in outlets} and not outlets & set(folded.split())


def _begins_name(word: str) -> bool:
    """Scripts without capitals pass; Georgian letters call themselves small ones."""
    return not word[0].islower() or "\u10d0" <= word[0] <= "\u10ff"


def _in_structure(stated: Stated) -> list[str]:
    names = []
    for key in ("author", "creator"):
        for member in stated.resolve(stated.story.get(key)):
            if isinstance(member, dict) and "organization" in str(member.get("@type", "")).lower():
                continue
            names.append(plain(member))
        if any(names):
            break
    return names


def _in_meta(stated: Stated, tree: HtmlElement) -> list[str]:
    names = [value for key in _META for value in stated.meta.get(key, ())]
    if not any(is_person(name) for text in names for name in split_names(text)):
        claimed = [value for value in stated.meta.get("author", ()) for name in split_names(value) if is_person(name)]
        shown = fold(text_of(tree)) if claimed else ""
        names += [value for value in claimed if all(fold(name) in shown for name in split_names(value))]
    return names


def _visible(tree: HtmlElement) -> list[str]:
    """The page's byline, where it has one alone: of several, most belong to other stories or to columnists. What is
    marked up as the author goes before what only a class name calls so."""
    stated = [element for element in tree.iterfind(".//*[@itemprop='author']") if isinstance(element, HtmlElement)]
    called: list[HtmlElement] = []
    inside: list[HtmlElement] = []
    for element in elements(tree):
        names = names_of(element)
        if element.get("rel") == "author" or element.get("itemprop") == "author":
            called.append(element)
        elif names and element.tag not in {"html", "body"} and (kind := _byline_kind(names)):
            (called if kind == "whole" else inside).append(element)
    return _one_alone(_bylines(stated)) or _one_alone(_bylines(called)) or _one_alone(_bylines(inside))


@lru_cache(maxsize=4096)  # names repeat within a page and over an outlet's pages
def _byline_kind(names: str) -> str:
    """Whether a byline is named by a whole word of class and id, or within one; "" for neither."""
    if _BYLINE_NAMES.search(names):
        return "whole"
    return "inside" if _BYLINE_INSIDE.search(names) else ""


def _one_alone(bylines: list[str]) -> list[str]:
    names = {fold(name) for text in bylines for name in split_names(text) if is_person(name)}
    return bylines[:1] if len(names) == sum(map(is_person, split_names(bylines[0] if bylines else ""))) else []


def _bylines(marked: Iterable[HtmlElement]) -> list[str]:
    texts = [text for element in marked if 3 < len(text := text_of(element)) <= _LONGEST_BYLINE]
    return [text for text in texts if any(is_person(name) for name in split_names(text))]


def _without_repeats(people: tuple[str, ...]) -> tuple[str, ...]:
    seen: dict[str, str] = {}
    for name in people:
        seen.setdefault(fold(name), name)
    return tuple(seen.values())
