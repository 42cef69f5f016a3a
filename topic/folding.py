"""One folding for matching and for full-text search: spellings that a reader takes for the same word become the same.

Folding works character by character and knows no language, so both sides of a comparison fold alike: case, accents and
marks, dotted and dotless i, ё, ə, apostrophes, quotes and dashes, ligatures and presentation forms, Arabic and Persian
letters, digits of every script; invisible characters vanish, and so do the Armenian marks that stand inside a word.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_APOSTROPHES = "'‘’‛ʼʻʹʽʾʿˈ`´′՚＇ꞌ"
_QUOTES = "“”„‟«»″〝〞＂"
_DASHES = "‐‑‒–—―−֊﹘﹣－"

# Letters that Unicode does not decompose though readers and keyboards exchange them.
_LETTERS = {
    "ı": "i", "ə": "e", "ǝ": "e", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe",
    "ی": "ي", "ى": "ي", "ک": "ك", "ہ": "ه", "ە": "ه", "ـ": "",
}  # fmt: skip

# ՛ ՜ ՞ ՟ stress, exclaim, ask and abbreviate inside a word.
_ARMENIAN_MARKS = "՛՜՞՟"

_SINGLE = {
    **_LETTERS,
    **dict.fromkeys(_APOSTROPHES, "'"),
    **dict.fromkeys(_QUOTES, '"'),
    **dict.fromkeys(_DASHES, "-"),
    **dict.fromkeys(_ARMENIAN_MARKS, ""),
}

# ARMSCII-8 (AST 34.005): capitals and small letters by turns from 0xB2 on, the marks and stops below.
_ARMENIAN_A = "\xb3"
_ARMSCII_LETTERS = "".join(map(chr, range(0xB2, 0xFE)))
_ARMSCII = {
    **{0xB2 + index: 0x531 + index // 2 + (0x30 if index % 2 else 0) for index in range(76)},
    **{0xA2 + index: ord(char) for index, char in enumerate("և։)(»«—.՝,-֊…՜՛՞")},
}

# Mn and Me are combining marks and Cf invisible format characters: soft hyphen, joiners, directions, byte order mark.
_DROPPED = frozenset({"Mn", "Me", "Cf"})


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text and, for each of its characters, the index of the original one; last comes its length."""

    text: str
    offsets: Sequence[int]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where the folded span [start, end), not empty, lies in the original."""
        return self.offsets[start], max(self.offsets[end], self.offsets[end - 1] + 1)


class _Table(dict[int, str]):
    """Foldings of single characters, worked out when first met. Kept for the basic plane alone: hostile text must not
    make it grow without end."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        if code <= 0xFFFF:
            self[code] = folded
        return folded


def fold(text: str) -> str:
    """`text` as it is compared and searched. fold(fold(text)) == fold(text)."""
    if text.isascii():  # half of what is folded: names, addresses and English
        return text.lower().replace("`", "'")
    return _one_ev(text.translate(_TABLE))


def fold_mapped(text: str) -> Folded:
    """fold(text) with the way back to the original."""
    return map_back(text, fold(text))


def map_back(text: str, folded: str) -> Folded:
    """`folded`, which is fold(text), with the way back."""
    uneven = [char for char in set(text) if len(_TABLE[ord(char)]) != 1]
    if not uneven:
        return Folded(folded, range(len(text) + 1))
    offsets: list[int] = []
    even_from = 0
    for place in sorted(place for char in uneven for place in _places(text, char)):
        offsets.extend(range(even_from, place))
        offsets.extend([place] * len(_TABLE[ord(text[place])]))
        even_from = place + 1
    offsets.extend(range(even_from, len(text) + 1))
    return Folded(folded, offsets)


class WayBack:
    """As map_back for a few spans of a long text: only the characters whose folding is not one long are kept."""

    def __init__(self, text: str) -> None:
        widths = {char: len(_TABLE[ord(char)]) for char in set(text) - _EVEN}
        uneven = [char for char, width in widths.items() if width != 1]
        _EVEN.update(char for char, width in widths.items() if width == 1 and char <= "\uffff")
        self._from: list[int] = []  # where, in the folded text, each of them begins and ends
        self._to: list[int] = []
        self._at = sorted(place for char in uneven for place in _places(text, char))
        shift = 0
        for place in self._at:
            width = widths[text[place]]
            self._from.append(place + shift)
            self._to.append(place + shift + width)
            shift += width - 1

    def original(self, start: int, end: int) -> tuple[int, int]:
        """As Folded.original."""
        if not self._at:
            return start, end
        return self._offset(start), max(self._offset(end), self._offset(end - 1) + 1)

    def _offset(self, place: int) -> int:
        passed = bisect_right(self._to, place)
        if passed < len(self._at) and self._from[passed] <= place:
            return self._at[passed]
        return place - self._to[passed - 1] + self._at[passed - 1] + 1 if passed else place


def _places(text: str, char: str) -> Iterator[int]:
    place = text.find(char)
    while place >= 0:
        yield place
        place = text.find(char, place + 1)


def looks_like_armscii(text: str) -> bool:
    """Whether `text` is Armenian in the encoding ARMSCII-8 that somebody read as Latin-1 or Windows-1252.

    Such text is nearly all of the upper half of those pages, and the most frequent letter of Armenian is then a raised
    three; other scripts read wrongly have none."""
    letters = sum(map(text.count, _ARMSCII_LETTERS)) if _ARMENIAN_A in text else 0
    return letters * 2 > len(text) and text.count(_ARMENIAN_A) * 25 > letters


def from_armscii(text: str) -> str:
    """A text for which looks_like_armscii says yes as it was meant, character by character."""
    return text.translate(_ARMSCII)


def _one_ev(text: str) -> str:
    # և is written եւ in the older and եվ in the newer spelling: Երևան, Երեւան, Երեվան. Both have two letters.
    return text.replace("եվ", "եւ")


def _fold_character(char: str) -> str:
    while (folded := "".join(map(_step, char))) != char:
        char = folded
    return folded


def _step(char: str) -> str:
    if char in _SINGLE:
        return _SINGLE[char]
    kind = unicodedata.category(char)
    if kind in _DROPPED:
        return ""
    if kind == "Nd":
        return str(unicodedata.digit(char))
    return "".join(
        part for part in unicodedata.normalize("NFKD", char).casefold() if unicodedata.category(part) not in _DROPPED
    )


_TABLE = _Table()
_EVEN: set[str] = set()  # characters met whose folding is one long
