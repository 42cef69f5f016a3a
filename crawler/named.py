"""Names of agencies and outlets within running text, with whatever ending the language gives them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from crawler.agencies import AGENCIES, is_agency, name_forms

_TOKEN = re.compile(r"[^\W_](?:[\w.+&’'‑-]*[\w+])?")
# «Арменпресс», “Qafqazinfo”ya, „ინტერფაქსის“: the quotes, and an ending glued behind them, belong to the name's place.
_OPENING = '«“"„‘”'
_CLOSING = re.compile(r"[»”\"“'’]+(?:[-‑–]?[^\W\d_]{1,5}(?![\w]))?")
_MOST_WORDS = 5
_CASELESS = re.compile(r"[\u0600-\u06ff\u10d0-\u10ff]")
# Agencies that write themselves small.
_SMALL = frozenset({"dpa", "epd", "sda", "ats", "kna"})
_ELIDED = re.compile(r"[ldLD]['’](?=[^\W\d_a-z])")  # l'AFP
_GLUED = re.compile(r"[^.]+(?=\.[^\W\d_a-zа-я])")
_DOMAIN = re.compile(
    r"(?:www\.)?(?P<site>(?:[\w-]+\.)+(?:am|az|ru|ру|com|net|нет|org|info|ge|tr|ir|ua|il|eu|tv|me|fr|de|uk|br|by|kz|kg|uz|md))"
    r"(?![\w.]*\w)",
    re.IGNORECASE,
)
_ENDINGS = (
    re.compile(r"[-‑’'][^\W\d_]{1,5}$"),  # APA-ya, Reuters'ın, Արմենպրես-ը
    re.compile(r"(?<=[\u0561-\u0587]{3})[նըիու]$"),  # Armenian
    re.compile(r"(?<=[\u0561-\u0587]{3})(?:յի|ից|ում|ին)$"),
    re.compile(r"(?<=[\u10d0-\u10ff]{3})(?:ის|მა|ით|[სმ])$"),  # Georgian
    re.compile(r"(?<=[а-яё]{4})(?:ом|[ауеы])$", re.IGNORECASE),  # Russian
)


@dataclass(frozen=True, slots=True)
class Named:
    """A name and the span it takes with its quotes and ending; `known` is false for the bare address of a site."""

    name: str
    start: int
    end: int
    known: bool = True


def find_named(text: str, credited: Mapping[str, str], *, small: bool = False) -> Iterator[Named]:
    """The names that are known, and domains, from left to right, the longest first where several begin at one word.
    `small` takes names in small letters too."""
    tokens = list(_TOKEN.finditer(text))
    beginnings = _beginnings(tuple(credited))
    done = 0
    for at, token in enumerate(tokens):
        elided = _ELIDED.match(token[0])
        start = token.start() + (elided.end() if elided else 0)
        if start < done or not (small or _may_begin(text[start : token.end()])):
            continue
        if "." not in token[0] and _beginning(text[start : token.end()]) not in beginnings:
            continue
        found = _longest(text, start, tokens[at : at + _MOST_WORDS], credited) or _part(token, credited)
        if found is None and (site := _DOMAIN.match(token[0])) and len(site["site"]) > 5:
            before = text[max(0, start - 1) : start]
            found = None if before in {"@", "/"} else _placed(text, site["site"], start, token.end(), known=False)
        if found:
            yield found
            done = found.end


def _longest(text: str, start: int, tokens: list[re.Match[str]], credited: Mapping[str, str]) -> Named | None:
    for token in reversed(tokens):
        name = known_form(text[start : token.end()], credited)
        if name:
            return _placed(text, _balanced(name), start, token.end())
    return None


def _balanced(name: str) -> str:
    """РИА «Новости, РИА "Новости: the closing quotes lie behind the last word."""
    if "«" in name and "»" not in name:
        return f"{name}»"
    return f'{name}"' if name.count('"') == 1 else name


def _part(token: re.Match[str], credited: Mapping[str, str]) -> Named | None:
    """The name in "ArmInfo.Azerbaijan was asked"."""
    found = _GLUED.match(token[0])
    name = known_form(found[0], credited) if found else None
    return Named(name, token.start(), token.start() + len(found[0])) if found and name else None


@lru_cache(maxsize=4)
def _beginnings(credited: tuple[str, ...]) -> frozenset[str]:
    """The first letters of all names: most words of a text need no closer look."""
    return frozenset(_beginning(name) for name in (*AGENCIES, *credited, "the", "иа"))


@lru_cache(maxsize=8192)
def _beginning(word: str) -> str:
    return re.split(r"\W", name_forms(word)[0], maxsplit=1)[0][:3]


def _may_begin(word: str) -> bool:
    return not word[0].islower() or _CASELESS.match(word) is not None or word in _SMALL or "." in word


def _placed(text: str, name: str, start: int, end: int, *, known: bool = True) -> Named:
    if start and text[start - 1] in _OPENING:
        start -= 1
    closing = _CLOSING.match(text, end)
    return Named(name, start, closing.end() if closing else end, known)


def known_form(raw: str, credited: Mapping[str, str]) -> str | None:
    """`raw` without its ending, as far as a known name is left."""
    forms = (form.strip('»”“"') for form in _without_endings(raw))
    return next((form for form in forms if is_agency(form) or outlet_of(form, credited)), None)


@lru_cache(maxsize=8192)
def _without_endings(raw: str) -> tuple[str, ...]:
    forms = [raw]
    for ending in _ENDINGS:
        bare = ending.sub("", raw)
        if bare != raw:
            # Georgian names in -i lose it before an ending; in the catalogue they stand with it.
            forms += [bare, f"{bare}ი"] if _CASELESS.match(bare[-1:]) else [bare]
    words = raw.split()
    if len(words) > 1 and (first := _ENDINGS[-1].sub("", words[0])) != words[0]:
        forms.append(" ".join([first, *words[1:]]))
    return tuple(forms)


def outlet_of(name: str, credited: Mapping[str, str]) -> str | None:
    return next((credited[form] for form in name_forms(name) if form in credited), None)
