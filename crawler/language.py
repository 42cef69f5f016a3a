"""The language and script of a text, found in the text itself: what pages declare about themselves is often wrong."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

LANGUAGES = ("en", "hy", "ru", "az", "tr", "ka", "fr", "fa", "de", "es", "uk", "ar")
_SAMPLE = 600  # characters: beyond them the answer no longer changes, and the time grows
_ENOUGH = 20  # letters; on fewer, what is declared is the better guess
_SCRIPTS = {
    "LATIN": "Latn", "CYRILLIC": "Cyrl", "ARMENIAN": "Armn", "GEORGIAN": "Geor", "ARABIC": "Arab", "GREEK": "Grek",
    "HEBREW": "Hebr",
}  # fmt: skip
_SCRIPT_LANGUAGE = {"Armn": "hy", "Geor": "ka"}

Method = Literal["text", "declared", "source", "none"]


def find_language(text: str, *, declared: str | None, usual: Iterable[str] = ()) -> tuple[str, Method]:
    """(BCP 47 tag, how it was found). `declared` is the page's or feed's own word, `usual` its outlet's languages."""
    sample = text[:_SAMPLE]
    script = find_script(sample)
    if sum(map(str.isalpha, sample)) >= _ENOUGH:
        known = _SCRIPT_LANGUAGE.get(script or "")
        return (known or str(_identifier().classify(sample)[0])), "text"
    tag = (declared or "").strip().replace("_", "-").split("-")[0].lower()
    if tag in LANGUAGES:
        return tag, "declared"
    languages = tuple(usual)
    return (languages[0], "source") if len(languages) == 1 else ("und", "none")


def find_script(text: str) -> str | None:
    """The ISO 15924 code of the script of most letters, None where there are none or it is another one."""
    letters = Counter(unicodedata.name(c, "").split(" ")[0] for c in text[:_SAMPLE] if c.isalpha())
    return _SCRIPTS.get(letters.most_common(1)[0][0]) if letters else None


@cache
def _identifier() -> LanguageIdentifier:
    # Loading takes .8 s and 40 MB: only where pages are read, and only then.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(LANGUAGES)
    return identifier
