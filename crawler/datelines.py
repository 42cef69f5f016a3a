"""The place a story is told from, and the agency or outlet it is reprinted from, as house styles print them.

YEREVAN (Azatutyun.am)—    BAKU (AA) –    BURBANK—    WASHINGTON, DC –
МОСКВА, 29 июня. /ТАСС/.    МОСКВА, 3 янв - РИА Новости.    Москва. 4 января. INTERFAX.RU -
YEREVAN, NOVEMBER 15, ARMENPRESS.    BAKU, Azerbaijan, Nov. 2 / Trend:    PanARMENIAN.Net -
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from crawler.agencies import name_forms
from crawler.attributions import find_attributions, read_closing
from crawler.bylines import is_person
from crawler.named import Named, find_named, known_form, outlet_of
from crawler.places import is_city, is_country, written_small
from crawler.rules import OutletRules
from storage.article import Credit

_LETTER = r"[^\W\d_]"
_PART = rf"(?:{_LETTER}|['’`](?={_LETTER}))+"
_PLACE = (
    rf"(?P<place>(?:S[tT]\. {_LETTER}|{_LETTER})(?:{_PART}|\.(?={_LETTER}))(?:[ -]{_PART}){{0,3}}?"
    rf"(?:/{_PART}(?:[ -]{_PART})?(?=,| \())?)"  # BEIRUT/THE HAGUE
)
_REGION = rf"(?:,\s*(?:{_LETTER}|[. ]){{2,25}}?)?"
_MONTH = rf"{_LETTER}{{3,12}}\.?"
_DATE = (
    rf"(?P<date>\d{{1,2}}(?:\s+(?:de\s+)?{_MONTH}(?:,?\s+\d{{4}})?|\.\d\d\.\d\d(?:\d\d)?)|{_MONTH}\s+\d{{1,2}}(?:,?\s+\d{{4}})?"
    r"|\d{1,2}(?=\s*\())"
)
_DASH = r"(?:[—–]|--|\s-\s|\.[—-])"
# PLACE[, Region][, date] (Credit)—   and   PLACE, date. /CREDIT/.
_BRACKETED = re.compile(
    rf"{_PLACE}{_REGION}(?:[.,]\s*{_DATE})?\s*[.,–—-]?\s*(?:\((?P<a>[^()]{{2,50}})\)|/(?P<b>[^/]{{2,50}})/)\s*[.:,]?\s*(?P<dash>[—–-]*)"
)
# PLACE, date, CREDIT.   PLACE, date - Credit.   Place. date. CREDIT -
_IN_NAME = r"(?:[^\W_]|[«»\"“”+-]|\.(?=\w))"
_NAME = rf"[^\W_]{_IN_NAME}*(?:\s{_IN_NAME}+){{0,3}}?"
_DATED_NAME = re.compile(rf"{_PLACE}{_REGION}[.,]\s*{_DATE}\s*[.,]?\s*[—–-]?\s*(?P<c>{_NAME})\s*(?:[.:—–]|\s-\s)")
_DATED = re.compile(rf"{_PLACE}{_REGION}[.,]\s*{_DATE}\s*\.?\s*{_DASH}")
# PLACE—   PLACE, DC –   PLACE:
_BARE = re.compile(rf"{_PLACE}(?P<region>{_REGION})\s*(?:{_DASH}|:)\s*(?P<next>.?)")
_GLUED_DASH = re.compile(r"\.?[—-](?=\S)|\.[—-]")
_LEADING_DATE = re.compile(rf"{_DATE},\s*(?=\w)")
# Between a place and the name of an agency: a region, a date, people with capitals.
_BEFORE_NAME = re.compile(
    rf"{_PLACE}(?:\s*[.,/|(–—]|\s+-)[\s.–—-]*(?:\s*(?:{_DATE}|[Кк]орр\.|(?:[^\W\d_a-zа-яёա-ֆ]|[ა-ჰ])[^\s\d,./()–—]*\.?)\s*[.,/|(–—-]*){{0,5}}[\s«\"“/(–—.,-]*$"
)
# Behind it: people, and what ends a dateline.
_BEHIND = re.compile(
    r"[»\"”]?(?:,?\s+[^\W\d_a-zа-яё]\.?[^\s\d,.:/()]*){0,2}\s*"
    r"(?:[).:։/—–-]|,\s|$|\s(?=[^\W\d_a-zа-яёա-ֆ]))[).:։/—–-]*(?: [—–-]+)?"
)
# Agency first: ArmInfo.   PanARMENIAN.Net -   АА / Анкара   DHA/Reporter   ایسنا/
_FIRST = re.compile(r"[»\"”]?\s*(?:[—–:/.՝-](?!\w*\.\w)|\s-\s)")
_REPORTER = re.compile(r"\s*(?P<who>[^\W\d_]+(?: [^\W\d_]+)?)(?=\s|$)")
_REPORTER_FIRST = re.compile(rf"(?:{_LETTER}+ ){{1,2}}{_LETTER}+/(?P<rest>.*)", re.DOTALL)
_REPORTER_LAST = re.compile(r"[/(–—-].*,\s(?P<who>[^\W\d_]+ [^\W\d_]+)[\s).—–-]*$")
_PLACE_IN_BRACKETS = re.compile(r"\((?P<place>[^\W\d_a-zа-я]{3,20})\)\s*[-–—]\s*")
# How Armenian press reviews open.
_PRESS_REVIEW = re.compile(r"«(?P<name>[^«»]{2,40})»\s+(?:օրա)?թերթը\s+(?:գրում|հայտնում)\s+է")
_PERSON_WORDS = re.compile(r"^[Кк]орр\.\s*")
_LONGEST = 110
_LONGEST_LINE_OF_ITS_OWN = 30
# Words in capitals that stand where a place would.
_NOT_PLACES = frozenset(
    re.findall(
        r"\S+",
        """NATO OSCE COVID VIDEO PHOTO PHOTOS UPDATE UPDATED BREAKING OPINION LIVE EXCLUSIVE WATCH ANALYSIS
        INTERVIEW EDITORIAL UNICEF UNESCO UNHCR ФОТО ВИДЕО СРОЧНО ОБНОВЛЕНО ОБСЕ НАТО США FOTO VİDEO VIDÉO
        YENİLƏNİB SON DAKİKA ÖZƏL ÖZEL GALERİ ՖՈՏՈ ԹԱՐՄԱՑՎԱԾ READ LONG NOTE WARNING CHECK FACT FC FK HOTEL GROUP
        DONATE MEMORIAL SERVICE MPS ՊՆ ՊԲ SITUATION POINT GRAPHIC DETAIL MMA""",
    )
)
_NO_CREDITS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Dateline:
    """`reporter` is the person some agencies name behind their own name."""

    place: str | None = None
    credit: Credit | None = None
    reporter: str | None = None


@dataclass(frozen=True, slots=True)
class _Opening:
    place: str | None = None
    name: str | None = None
    evidence: str = ""


def read_dateline(
    paragraphs: Sequence[str], *, outlet: OutletRules | None, own_names: Sequence[str] = (), agency: str | None = None
) -> Dateline:
    """`own_names` are names of the outlet and its site: a text credited to them is the outlet's own and has no credit.
    `agency` is one named where the author would stand; it counts when the text itself credited nobody."""
    credited = outlet.credits if outlet else _NO_CREDITS
    opening = _at_start(_opening(paragraphs), credited)
    name, evidence = opening.name, opening.evidence
    if name is None:
        name, evidence = next(_in_text(paragraphs, outlet, own_names), (None, ""))
    if name is None and agency is not None:
        name, evidence = agency, agency
    credit = _credit(name, evidence, outlet, own_names) if name else None
    return Dateline(opening.place, credit, _reporter(opening.evidence))


def _reporter(evidence: str) -> str | None:
    """МОСКВА, 3 янв - РИА Новости, Name Surname.   (Новый Регион, Name Surname) –"""
    found = _REPORTER_LAST.search(evidence)
    return found["who"] if found and is_person(found["who"]) else None


def source_behind(raw_date: str) -> str | None:
    """The site that some outlets print behind the date: "1:27, 27 ноября, 2011 Medportal.ru"."""
    found = re.search(r"\d\W+(?P<site>[A-Z][\w-]+\.(?:am|az|ru|com|net|org|info|ge|tr|ua))\W*$", raw_date)
    return found["site"] if found else None


def _opening(paragraphs: Sequence[str]) -> str:
    """The first paragraph; with the next one where it is a dateline alone."""
    if len(paragraphs) > 1 and len(paragraphs[0]) < 60 and re.search(r"\d\.?$", paragraphs[0]):
        return f"{paragraphs[0]} {paragraphs[1]}"
    return paragraphs[0] if paragraphs else ""


def _at_start(opening: str, credited: Mapping[str, str]) -> _Opening:
    head = opening[:_LONGEST]
    if len(opening) <= _LONGEST_LINE_OF_ITS_OWN and is_city(opening.strip(" .")):
        return _Opening(opening.strip(" ."))
    named = list(find_named(head, credited))
    return _agency_first(head, named) or _place_first(head, named, credited) or _told_by(head) or _Opening()


def _agency_first(head: str, named: list[Named]) -> _Opening | None:
    first = named[0] if named and named[0].start == 0 else None
    behind = _FIRST.match(head, first.end) if first else None
    if first is None or behind is None or first.name in _NOT_PLACES:
        return None
    reporter = _REPORTER.match(head, behind.end()) if "/" in behind[0] else None
    if reporter:
        place = written_small(reporter["who"]) if is_city(reporter["who"]) else None
        return _Opening(place, first.name, head[: reporter.end()].strip())
    return _Opening(None, first.name, head[: behind.end()].strip())


def _place_first(head: str, named: list[Named], credited: Mapping[str, str]) -> _Opening | None:
    start = _start(head)
    bracket = _PLACE_IN_BRACKETS.match(head)
    if bracket and any(one.start == bracket.end() for one in named):
        one = next(one for one in named if one.start == bracket.end())
        return _Opening(written_small(bracket["place"]), one.name, head[: one.end])
    return (
        _with_known_name(head, start, named) or _with_unknown_name(head, start, credited) or _without_name(head, start)
    )


def _start(head: str) -> int:
    """Where the place begins: behind "4 апреля, " or "Азербайджан, " or "Reporter NAME/"."""
    date = _LEADING_DATE.match(head)
    if date:
        return date.end()
    country, comma, rest = head.partition(", ")
    if comma and is_country(country) and is_city(re.split(r"[,.(/]", rest)[0].strip()):
        return len(country) + 2
    reporter = _REPORTER_FIRST.match(head)
    if reporter and is_city(re.split(r"[,.(/]", reporter["rest"])[0].strip()):
        return reporter.start("rest")
    return 0


def _with_known_name(head: str, start: int, named: list[Named]) -> _Opening | None:
    for one in named:
        before = _BEFORE_NAME.match(head[start : one.start])
        behind = _BEHIND.match(head, one.end) if before else None
        if before and behind and (place := _place(before["place"], certain=True)):
            return _Opening(place, one.name, head[: behind.end()].strip())
    return None


def _with_unknown_name(head: str, start: int, credited: Mapping[str, str]) -> _Opening | None:
    found = _BRACKETED.match(head, start)
    if found:
        inner = _PERSON_WORDS.sub("", (found["a"] or found["b"]).partition(",")[0].strip(" .\"'«»“”"))
        known = known_form(inner, credited)
        capitals = found["place"].isupper() and found["dash"] != ""
        place = _place(found["place"], certain=bool(found["date"] or known))
        if place and (known or found["date"] or capitals) and not any(map(str.isdigit, inner)):
            return _Opening(place, inner, found[0].strip())
    found = _DATED_NAME.match(head, start)
    if found and (bare := found["c"].strip()) and bare.replace(" ", "").isupper() and len(bare) > 2:
        place = _place(found["place"], certain=True)
        if place:
            return _Opening(place, bare.strip(" .\"'«»“”"), found[0].strip())
    return None


def _without_name(head: str, start: int) -> _Opening | None:
    found = _DATED.match(head, start)
    if found and (place := _place(found["place"], certain=True)):
        return _Opening(place)
    found = _BARE.match(head, start)
    if found is None or (found["next"].islower() and not "\u10d0" <= found["next"] <= "\u10ff"):
        return None
    known = is_city(found["place"])
    # Headings in capitals also stand before dashes: what no list knows is a place only with its region, or with the
    # dash glued to it, as the Armenian papers of the diaspora print it.
    told = found["region"] or _GLUED_DASH.match(head, found.end("place"))
    capitals = found["place"].isupper() or "\u10d0" <= found["place"][0] <= "\u10ff"
    if capitals and (known or (told and ":" not in found[0])):
        place = _place(found["place"], certain=known)
        return _Opening(place) if place else None
    return None


def _told_by(head: str) -> _Opening | None:
    review = _PRESS_REVIEW.match(head)
    return _Opening(None, review["name"], review[0]) if review else None


def _place(text: str, *, certain: bool) -> str | None:
    """A place in title case. Without a date or a known agency beside it, only capitals make words a dateline."""
    text = text.strip(" .,")
    words = text.split()
    if any(word.strip(".,") in _NOT_PLACES for word in words):
        return None
    if is_city(text):
        return written_small(text)
    if len(text) < 3:
        return None
    if text.isupper():
        return written_small(text) if certain or len(text) > 3 else None
    if certain and len(words) <= 2 and all(word[0].isupper() for word in words):
        return text
    return None


def _in_text(
    paragraphs: Sequence[str], outlet: OutletRules | None, own_names: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Names told in the first two paragraphs and the last, other than the outlet's own."""
    credited = outlet.credits if outlet else _NO_CREDITS
    for paragraph in [*paragraphs[:2], *paragraphs[2:][-1:]]:
        found = sorted(find_attributions(paragraph, credited), key=lambda one: not one.cited)
        closing = read_closing(paragraph, credited) if paragraph is paragraphs[-1] else None
        for one in [*found, *([closing] if closing else [])]:
            if not _is_own(one.name, outlet, own_names):
                yield one.name, one.evidence


def _credit(name: str, evidence: str, outlet: OutletRules | None, own_names: Sequence[str]) -> Credit | None:
    if _is_own(name, outlet, own_names):
        return None
    # ARTSAKHPRESS-ARMENPRESS: the first of two is who wrote it.
    first = next((part for part in name.split("-") if _is_own(part, outlet, own_names)), None)
    if first is not None and "-" in name and name.split("-", maxsplit=1)[0] == first:
        return None
    credited = outlet.credits if outlet else _NO_CREDITS
    # INTERFAX NORTH-WEST and the like are an agency's branches.
    branch = re.split(r"[- ]", name)[0]
    return Credit(
        name, evidence, outlet_of(name, credited) or (outlet_of(branch, credited) if branch.isupper() else None)
    )


def _is_own(name: str, outlet: OutletRules | None, own_names: Sequence[str]) -> bool:
    owned = [*own_names, *((outlet.name, *outlet.credited_as) if outlet else ())]
    forms = {form for own in owned if own for form in name_forms(own)}
    if forms & set(name_forms(name)):
        return True
    return outlet is not None and outlet_of(name, outlet.credits) == outlet.outlet
