"""The place a story is told from, and the agency or outlet it is reprinted from, as house styles print them.

YEREVAN (Azatutyun.am)—    BAKU (AA) –    BURBANK—    WASHINGTON, DC –
МОСКВА, 29 июня. /ТАСС/.    МОСКВА, 3 янв - РИА Новости.    Москва. 4 января. INTERFAX.RU -
YEREVAN, NOVEMBER 15, ARMENPRESS.    BAKU, Azerbaijan, Nov. 2 / Trend:    PanARMENIAN.Net -
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crawler.agencies import is_agency, name_forms
from crawler.rules import OutletRules
from storage.article import Credit

_LETTERS = r"[^\W\d_]"
_PLACE = rf"(?P<place>{_LETTERS}(?:{_LETTERS}|['’`./])+(?:[ -]{_LETTERS}(?:{_LETTERS}|['’`./])+){{0,3}}?)"
_REGION = rf"(?:,\s*(?:{_LETTERS}|[. ]){{2,25}}?)?"
_MONTH = rf"{_LETTERS}{{3,12}}\.?"
_DATE = rf"(?P<date>\d{{1,2}}\s+{_MONTH}(?:,?\s+\d{{4}})?|{_MONTH}\s+\d{{1,2}}(?:,?\s+\d{{4}})?)"
_IN_NAME = r"(?:[^\W_]|[«»\"“”+-]|\.(?=\w))"
_NAME = rf"[^\W_]{_IN_NAME}*(?:\s{_IN_NAME}+){{0,3}}?"
_FORMS = tuple(
    re.compile(pattern)
    for pattern in (
        # PLACE[, Region][, date] (Credit)—   and   PLACE, date. /CREDIT/.
        rf"^{_PLACE}{_REGION}(?:[.,]\s*{_DATE})?\s*[.,]?\s*(?:\((?P<a>[^()]{{2,40}})\)|/(?P<b>[^/]{{2,40}})/)\s*[.:,]?\s*[—–-]?",
        # PLACE, date, CREDIT.   PLACE, date - Credit.   Place. date. CREDIT -   BAKU, Azerbaijan, date Trend:
        rf"^{_PLACE}{_REGION}[.,]\s*{_DATE}\s*[.,]?\s*[—–-]?\s*(?P<c>{_NAME})\s*(?:[.:—–]|\s-\s)",
        # PLACE, date —
        rf"^{_PLACE}{_REGION}[.,]\s*{_DATE}\s*\.?\s*[—–-]",
        # PLACE—   PLACE, DC –
        rf"^{_PLACE}{_REGION}\s*(?:[—–]|\s-\s)",
    )
)
# How Armenian press reviews open.
_PRESS_REVIEW = re.compile(r"^«(?P<name>[^«»]{2,40})»\s+(?:օրա)?թերթը\s+(?:գրում|հայտնում)\s+է")
# CREDIT -   at the very start.
_CREDIT_FIRST = re.compile(rf"^(?P<name>{_NAME})\s*(?:[—–:]|\s-\s|\.\s?(?=[^\W\d_]))")
_LONGEST = 110
# Words in capitals that stand where a place would.
_NOT_PLACES = frozenset(
    re.findall(
        r"\S+",
        """NATO OSCE COVID VIDEO PHOTO PHOTOS UPDATE UPDATED BREAKING OPINION LIVE EXCLUSIVE WATCH ANALYSIS INTERVIEW
        EDITORIAL UNICEF UNESCO UNHCR ФОТО ВИДЕО СРОЧНО ОБНОВЛЕНО ОБСЕ НАТО США FOTO VİDEO YENİLƏNİB SON DAKİKA ÖZƏL
        ՖՈՏՈ ԹԱՐՄԱՑՎԱԾ""",
    )
)
_QUOTED = r"[\"“„«]?(?P<name>[^\W_][\w.+-]*(?:\s[^\W\d_a-zа-я][\w.-]*){0,3})[\"”»]?"
_ARTICLE = re.compile(r"(?<=[\u0561-\u0587]{3})[նը]?[.,:։»]*$")  # Armenian: «Արմենպրես»-ը, Նովոստին
# Who told it, in running text: only names that are known count, since anybody may "report".
_TOLD_BY = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_QUOTED}\s?[-‑’'](?:y?[aə]|n?[aə]|nın|nin|dan|dən)\s+(?:istinad(?:ən|la)|verdiyi)",
        rf"{_QUOTED}\s+xəbər\s+verir",
        rf"(?:[Cc]iting|with reference to|[Ss]ource:|[Vv]ia)\s+(?:the\s+)?{_QUOTED}",
        rf"(?:сообщает|передает|передаёт|пишет|со ссылкой на|Источник:)\s+(?:агентство\s+|ИА\s+|издание\s+)?{_QUOTED}",
        rf"[Кк]ак (?:сообщает|передает|передаёт|пишет)\s+{_QUOTED}",
        rf"{_QUOTED}[-’']\w{{1,4}}\s+(?:haberine göre|aktardığına göre)",
        rf"{_QUOTED}\s+reports\b",
        rf"(?:հաղորդ\w+|տեղեկաց\w+|հայտն\w+|գր\w+)\s+[էԷ]\s+{_QUOTED}",
        rf"(?:հաղորդմամբ|տեղեկացմամբ|փոխանցմամբ)\s*՝?\s+{_QUOTED}",
    )
)


@dataclass(frozen=True, slots=True)
class Dateline:
    place: str | None = None
    credit: Credit | None = None


def read_dateline(
    paragraphs: Sequence[str], *, outlet: OutletRules | None, own_names: Sequence[str] = (), agency: str | None = None
) -> Dateline:
    """`own_names` are names of the outlet and its site: a text credited to them is the outlet's own and has no credit.
    `agency` is one named where the author would stand; it counts when the text itself credits nobody."""
    opening = _opening(paragraphs)
    place, name, evidence = _at_start(opening)
    if name is None:
        name, evidence = next(_in_text(paragraphs, outlet, own_names), (None, ""))
    if name is None and agency is not None:
        name, evidence = agency, agency
    return Dateline(place, _credit(name, evidence, outlet, own_names) if name else None)


def source_behind(raw_date: str) -> str | None:
    """The site that some outlets print behind the date: "1:27, 27 ноября, 2011 Medportal.ru"."""
    found = re.search(r"\d\W+(?P<site>[A-Z][\w-]+\.(?:am|az|ru|com|net|org|info|ge|tr|ua))\W*$", raw_date)
    return found["site"] if found else None


def _opening(paragraphs: Sequence[str]) -> str:
    """The first paragraph; with the next one where it is a dateline alone."""
    if len(paragraphs) > 1 and len(paragraphs[0]) < 60 and re.search(r"\d\.?$", paragraphs[0]):
        return f"{paragraphs[0]} {paragraphs[1]}"
    return paragraphs[0] if paragraphs else ""


def _at_start(opening: str) -> tuple[str | None, str | None, str]:
    """(place, credited name, the words that say so)."""
    head = opening[:_LONGEST]
    for form in _FORMS:
        found = form.match(head)
        if not found:
            continue
        groups = found.groupdict()
        name = groups.get("a") or groups.get("b") or groups.get("c")
        place = _place(groups["place"], certain=bool(groups.get("date") or (name and is_agency(name))))
        if place and (name is None or _may_be_credit(name, listed="c" not in groups)):
            # Brackets may name the reporter after the agency.
            return place, name.partition(",")[0].strip(" .\"'«»“”") if name else None, found[0].strip()
    review = _PRESS_REVIEW.match(head)
    if review:
        return None, review["name"], review[0]
    found = _CREDIT_FIRST.match(head)
    if found and is_agency(found["name"]):
        return None, found["name"].rstrip("."), found[0].strip()
    return None, None, ""


def _may_be_credit(name: str, *, listed: bool) -> bool:
    """In brackets anything short that is no number may be a credit; between dots only capitals or a known name."""
    bare = name.strip()
    if is_agency(bare):
        return True
    return not any(map(str.isdigit, bare)) if listed else bare.replace(" ", "").isupper() and len(bare) > 2


def _place(text: str, *, certain: bool) -> str | None:
    """A place in title case. Without a date or a known agency beside it, only capitals make words a dateline."""
    text = text.strip(" .,")
    words = text.split()
    if any(word.strip(".,") in _NOT_PLACES for word in words):
        return None
    if text.isupper():
        return " ".join(map(_title_case, words)) if certain or len(text) > 3 else None
    if certain and len(words) <= 2 and all(word[0].isupper() for word in words):
        return text
    return None


def _title_case(word: str) -> str:
    return re.sub(r"[^\W\d_]+", lambda found: found[0][:1] + found[0][1:].replace("İ", "i").lower(), word)


def _in_text(
    paragraphs: Sequence[str], outlet: OutletRules | None, own_names: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Names told in the first two paragraphs and the last, other than the outlet's own."""
    for paragraph in [*paragraphs[:2], *paragraphs[2:][-1:]]:
        for pattern in _TOLD_BY:
            for found in pattern.finditer(paragraph[:600]):
                name = _known_part(found["name"], outlet)
                if name and not _is_own(name, outlet, own_names):
                    yield name, found[0].strip()


def _known_part(name: str, outlet: OutletRules | None) -> str | None:
    """The longest end of a run of words that names a known outlet: "Moscow-based Interfax" is Interfax."""
    words = name.split()
    for start in range(len(words)):
        part = " ".join(words[start:])
        for form in (part, _ARTICLE.sub("", part)):
            if is_agency(form) or _outlet_id(form, outlet):
                return form.rstrip(".,:»")
    return None


def _credit(name: str, evidence: str, outlet: OutletRules | None, own_names: Sequence[str]) -> Credit | None:
    if _is_own(name, outlet, own_names):
        return None
    # ARTSAKHPRESS-ARMENPRESS: the first of two is who wrote it.
    first = next((part for part in name.split("-") if _is_own(part, outlet, own_names)), None)
    if first is not None and "-" in name and name.split("-", maxsplit=1)[0] == first:
        return None
    return Credit(name, evidence, _outlet_id(name, outlet))


def _outlet_id(name: str, outlet: OutletRules | None) -> str | None:
    if outlet is None:
        return None
    return next((outlet.credits[form] for form in name_forms(name) if form in outlet.credits), None)


def _is_own(name: str, outlet: OutletRules | None, own_names: Sequence[str]) -> bool:
    owned = [*own_names, *((outlet.name, *outlet.credited_as) if outlet else ())]
    forms = {form for own in owned if own for form in name_forms(own)}
    if forms & set(name_forms(name)):
        return True
    return outlet is not None and _outlet_id(name, outlet) == outlet.outlet
