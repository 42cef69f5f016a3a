"""The language and script of a text, found in the text itself: what pages declare about themselves is often wrong.

The script comes first, then letters and words that one language of the script has alone, then a statistical model that
what is declared and what the outlet usually writes may tip where it wavers. Tags are BCP 47: az is Azerbaijani in Latin
letters, az-Cyrl and az-Arab (South Azerbaijani) in the others; hyw is Western Armenian.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable
from functools import cache
from mmap import mmap
from typing import TYPE_CHECKING, Any, Literal

from crawler.armenian import armenian_variety

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What the model tells apart.
LANGUAGES = ("en", "hy", "ru", "az", "tr", "ka", "fr", "fa", "de", "es", "uk", "ar")
_SAMPLE = 600  # characters: beyond them the answer no longer changes, and the time grows
_ENOUGH = 20  # letters; on fewer, what is declared is the better guess
_SCRIPTS = {
    "LATIN": "Latn", "CYRILLIC": "Cyrl", "ARMENIAN": "Armn", "GEORGIAN": "Geor", "ARABIC": "Arab", "GREEK": "Grek",
    "HEBREW": "Hebr",
}  # fmt: skip
_WRITTEN_IN = {
    "hy": "Armn", "hyw": "Armn", "ka": "Geor", "ru": "Cyrl", "uk": "Cyrl", "az-Cyrl": "Cyrl", "az-Arab": "Arab",
    "fa": "Arab", "ar": "Arab", "azb": "Arab", "el": "Grek", "he": "Hebr",
}  # fmt: skip
_DECLARABLE = frozenset({*LANGUAGES, *_WRITTEN_IN})
_IN_SCRIPT = {"Latn": ("en", "az", "tr", "fr", "de", "es"), "Cyrl": ("ru", "uk"), "Arab": ("fa", "ar")}
# Letters that one language alone has among those of its script. Azerbaijani first: its Cyrillic shares letters with
# Kazakh and Tatar, whose own (қ, ң, җ) speak against it.
_AZ_CYRILLIC, _NOT_AZ_CYRILLIC = re.compile("[ҹҝјғәөүһ]"), re.compile("[қңұіҗйцщэюяьё]")
_UKRAINIAN, _RUSSIAN = re.compile("[іїєґ]"), re.compile("[ыэъё]")
_ARABIC_WORDS = {
    "az-Arab": _words(
        "بیر بو اوچون ایچون اولان اولدو اولوب اولاراق اولاجاق ائدیب ائتدی ائدن ائدیر دئدی دئییب گؤره ایله وار یوخ سونرا"
        " آراسیندا طرفیندن حاقدا حاققیندا آذربایجانین قاراباغین قاراباغدا اؤز اؤلکه گون ایل هم ده ائرمنیستان ائتمک"
    ),
    "fa": _words("در به از که این را با است برای آن شد می های کرد یک بود خود نیز تا هم شده اند گفت پس میان"),
    "ar": _words("في من على إلى أن إن التي الذي عن مع هذا هذه بين بعد قبل كان قال وقال وفي خلال لم لا ما ضد"),
}
_ARABIC_LETTERS = {"az-Arab": re.compile("[ۆؤ]|ئ(?=[ا-ی])"), "fa": re.compile("[پچژگکی]"), "ar": re.compile("[ةىأإيك]")}
# Natural logarithms by which the model prefers a language: a word or two outweighs either.
_DECLARED, _USUAL = 2.0, 3.0

Method = Literal["text", "declared", "source", "none"]


def find_language(text: str, *, declared: str | None, usual: Iterable[str] = ()) -> tuple[str, Method]:
    """(BCP 47 tag, how it was found). `declared` is the page's or feed's own word, `usual` its outlet's languages."""
    sample = _sample(text)
    script = find_script(sample)
    hint = _declared_tag(declared)
    likely = [tag for tag in usual if script is None or written_in(tag) == script]
    if script == "Armn":
        return armenian_variety(text[: 4 * _SAMPLE]) or ("hyw" if "hyw" in {hint, *likely} else "hy"), "text"
    if script == "Geor":
        return "ka", "text"
    sure = _by_letters(sample.lower(), script)
    if sure:
        return sure, "text"
    if sum(map(str.isalpha, sample)) >= _ENOUGH:
        return _by_model(sample, script, hint, likely), "text"
    if hint and (script is None or written_in(hint) == script):
        return hint, "declared"
    return (likely[0], "source") if len(likely) == 1 else ("und", "none")


def language_of_title(title: str, *, declared: str | None, usual: Iterable[str] = ()) -> str | None:
    """The language of a headline as far as script, letters and the source's own languages tell it; loads no model, so
    that it may be called for every entry of a feed in any process."""
    script = find_script(title)
    hint = _declared_tag(declared)
    likely = [tag for tag in usual if script is None or written_in(tag) == script]
    if script == "Armn":
        return armenian_variety(title) or ("hyw" if "hyw" in {hint, *likely} else "hy")
    sure = "ka" if script == "Geor" else _by_letters(title.lower(), script)
    if sure or len(likely) == 1:
        return sure or likely[0]
    return hint if hint and (script is None or written_in(hint) == script) else None


def written_in(tag: str) -> str:
    """The ISO 15924 code of the script that a language tag stands for."""
    subtag = tag.partition("-")[2]
    return subtag if len(subtag) == 4 else _WRITTEN_IN.get(tag) or _WRITTEN_IN.get(tag.partition("-")[0], "Latn")


def find_script(text: str) -> str | None:
    """The ISO 15924 code of the script of most letters, None where there are none or it is another one."""
    if text.isascii():
        return "Latn" if any(map(str.isalpha, text)) else None
    letters: Counter[str] = Counter()
    for character, count in Counter(text[: 2 * _SAMPLE]).items():
        if character.isalpha():
            letters[_alphabet(character)] += count
    return _SCRIPTS.get(letters.most_common(1)[0][0]) if letters else None


@cache
def _alphabet(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def _sample(text: str) -> str:
    """The beginning, and of a long text its middle too: some pages lead with a summary in another language."""
    if len(text) <= 2 * _SAMPLE:
        return text[:_SAMPLE]
    middle = len(text) // 2
    return f"{text[: _SAMPLE // 3]} {text[middle : middle + 2 * _SAMPLE // 3]}"


def _declared_tag(declared: str | None) -> str | None:
    tag = (declared or "").strip().replace("_", "-")
    language, _, rest = tag.lower().partition("-")
    script = next((part.title() for part in rest.split("-") if len(part) == 4), "")
    for known in (f"{language}-{script}", language):
        if known in _DECLARABLE:
            return known
    return None


def _by_letters(text: str, script: str | None) -> str | None:
    """The language that letters and small words show beyond doubt, where they do."""
    if script == "Latn":
        # Of the languages here Azerbaijani alone has ə; a name in a foreign text may bring a few.
        return "az" if text.count("ə") * 50 >= len(text) else None
    if script == "Cyrl":
        if _outweigh(_AZ_CYRILLIC, _NOT_AZ_CYRILLIC, text) and re.search("[ҹҝә]", text):
            return "az-Cyrl"
        return (
            "uk" if _outweigh(_UKRAINIAN, _RUSSIAN, text) else "ru" if _outweigh(_RUSSIAN, _UKRAINIAN, text) else None
        )
    return _by_arabic_words(text) if script == "Arab" else None


def _outweigh(ours: re.Pattern[str], theirs: re.Pattern[str], text: str) -> bool:
    return len(ours.findall(text)) > 2 * len(theirs.findall(text))


def _by_arabic_words(text: str) -> str | None:
    words = re.findall(r"[^\W\d_]+", text)
    scores = {
        tag: 3 * sum(word in known for word in words) + len(_ARABIC_LETTERS[tag].findall(text))
        for tag, known in _ARABIC_WORDS.items()
    }
    scores["az-Arab"] *= 2  # its letters stand among those it shares with Persian
    best, second = sorted(scores, key=lambda tag: -scores[tag])[:2]
    return best if scores[best] > scores[second] else None


def _by_model(sample: str, script: str | None, hint: str | None, likely: Collection[str]) -> str:
    own = _IN_SCRIPT.get(script or "", LANGUAGES)
    ranked = {str(tag): float(score) for tag, score in _identifier().rank(sample)}
    return max(own, key=lambda tag: ranked[tag] + _DECLARED * (tag == hint) + _USUAL * (tag in likely))


def load_model() -> None:
    """Takes .8 s and 60 MB: for where pages are read alone."""
    _identifier()


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    whole = LanguageIdentifier.from_model_file(MODEL_FILE)
    whole.set_languages(LANGUAGES)
    # A model of these languages alone: the other ninety of the whole one would stay in memory, 25 MB.
    return LanguageIdentifier(
        whole.nb_ptc, whole.nb_pc, whole.nb_classes, _shared(whole.tk_nextmove), whole.tk_output, tk_row=whole.tk_row
    )


def _shared(table: Any) -> memoryview[int]:
    """The same numbers, an array of 40 MB, of which processes forked from this one hold only the pages they read."""
    memory = mmap(-1, len(table) * table.itemsize)
    memory.write(table)
    numbers: memoryview[int] = memoryview(memory).cast(table.typecode)
    return numbers
