"""Who told a story, in running text and in closing lines: "сообщает ТАСС", "APA-ya istinadən", "Source: AFP".

A name that is known, or the bare address of a site, counts where the words beside it say that it told the story. Other
names count only behind words that nothing but a newspaper or an agency stands behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from crawler.named import Named, find_named

_LONGEST = 600  # characters of a paragraph that are looked at
_LEFT, _RIGHT = 60, 90
_LONGEST_CLOSING = 90

# Nouns that may stand between the words that tell and the name.
_KIND = (
    r"(?:(?:the|le|la|les|der|die|das|el|l['’]|в\s+\w+|сегодня|сегодня\s+\w+|news|haber)\s*)?"
    r"(?:(?:агентств\w+|информагентств\w+|издани\w+|газет\w+|телеканал\w*|портал\w*|радиостанци\w+|ИА|сайт\w*|журнал\w*"
    r"|корреспондент\w*|материал\w*|агенці\w+"
    r"|agency|newspaper|daily|broadcaster|site|website|channel|RFE/RL[’']s"
    r"|agence|journal|quotidien|site|chaîne|Agentur|Nachrichtenagentur|Zeitung|agencia|diario|agentliyi|ajansı"
    r"|խմբագր\w+|գործակալ\w+|թերթ\w*|خبرنگار|خبرگزاری|روزنامه|سایت|გამოცემა|სააგენტო|ტელეკომპანია)\s+){0,2}"
)
_BEFORE = re.compile(
    rf"(?:"
    r"\b(?:according to|citing|quoted by|told|reported by|with reference to|referring to|in an interview (?:with|to)"
    r"|reporting by|speaking to|(?:published|appeared|reprinted) (?:by|in|on|from)|[Cc]iting|[Aa]ccording to|[Vv]ia)"
    r"|(?:сообща[ею]т|сообщил[аио]?|переда[её]т|передают|передал[аио]?|пиш[еу]т|писал[аио]?|отмечает|рассказал[аио]?"
    r"|заявил[аио]?|информирует|со ссылкой на|ссылаясь на|[Пп]о (?:данным|информации|сообщению|материалам:?)"
    r"|корреспонденту|в интервью|в беседе с|повідомля[єю]\w*|передає|пише|за даними)"
    r"|(?i:հաղորդ|տեղեկաց|հայտն|փոխանց|գր)\w+\s+(?:է|են)|կը\s+(?:հաղորդ|գր|տեղեկաց)\w+|[Աա]սաց|ասել է"
    r"|[Ss]elon|[Dd]['’]après|rapporte|rapporté|déclaré à|confié à|indique|annonce|[Aa]vec"
    r"|[Ll]aut|berichtet|meldet|[Nn]ach Angaben (?:der|von)|[Mm]it Material von|der Nachrichtenagentur"
    r"|[Ww]ie die Agentur"
    r"|[Ss]egún|informa|informó|dijo a"
    r"|[Bb]u barədə"
    r"|به گزارش(?:\s+خبرنگار[^،.]{0,30}?)?|به نقل از|در گفت\W?و?\W?گو با|ინფორმაციას"
    rf")\s+{_KIND}$"
)
_LABEL = (
    r"(?:[Ss]ource|[Ss]ources|[Ии]сточник|[Дд]жерело|[Mm]ənbə|[Kk]aynak|[Qq]uelle|[Ff]uente|წყარო|منبع|Աղբյուր[նը]?|Աղբիւր[նը]?"
    r"|По материалам)"
)
_LABELLED = re.compile(rf"(?:^|\W){_LABEL}\s*[:՝–—-]\s*{_KIND}$")
_LABELLED_LAST = re.compile(rf"(?:^|\W){_LABEL}\s*[:՝–—-]?\s*{_KIND}$")
_AFTER = re.compile(
    r"\s*(?:"
    # English
    r"(?:news agency |newspaper |daily )?(?:reports?|reported|informs|informed|writes|wrote)\b(?! (?:for|to) )"
    # Azerbaijani
    r"|[-’']?\s?(?:y?[aə]|n?[aə])?\s*istinad(?:ən|la)"
    r"|(?:agentliyi\s+)?(?:[^.]{0,60}istinadən\s+)?(?:xəbər verir|məlumat verir|məlumat yayıb|yazır)\b"
    r"|(?:agentliyinin\s+)?(?:məlumatına|xəbərinə|yazdığına|verdiyi\s+\w+) (?:görə|əsasən)"
    # Turkish
    r"|muhabir(?:inin|ine|i)\b|(?:haber ajansı\w*|gazetesi\w*|ajansı\w*)?\s*(?:haberine|aktardığına|bildirdiğine) göre"
    r"|göre\b|,? tarafından servis"
    # Russian, Ukrainian
    r"|(?:сообщает|передает|передаёт|пишет|сообщил[аио]?)(?=[,.:]| со ссылкой)"
    # Armenian
    r"|(?:գործակալության\s+|ռադիոկայանի\s+)?(?:փոխանցմամբ|հաղորդմամբ|տեղեկացմամբ|հետ զրույցում)"
    r"|(?:հաղորդում|տեղեկացնում|հայտնում|փոխանցում|գրում) է\b"
    # German, French
    r"|berichtet\b|meldet\b|rapporte\b"
    # Georgian, Persian
    r"|(?:ინფორმაციით|ცნობით|იტყობინება|წერს|ავრცელებს)|(?:گزارش داد|نوشت)"
    r")"
)
_CITED = re.compile(r"\s*istinad(?:ən|la)|[-’']?y?[aə]\s+istinad(?:ən|la)")
# Turkish "göre" and the Azerbaijani case say something only of a name that bears the ending.
_NAMED_PERSON = re.compile(r"\s+[A-ZÇƏĞİÖŞÜА-ЯЁ][a-zçəğıöşüа-яё]")
_QUOTED = r"[«“\"„](?P<name>[^«»“”\"„]{2,30})[»”\"“]"
_TOLD = r"(?:writes|wrote|reports|reported)\b"
_PAPER = r"(?:Herald|Times|Post|Daily|Telegraph|Journal|News|Tribune)"
_LATIN = r"(?P<name>(?:The |New |Le )?[A-Z][A-Za-z]*(?: [A-Z][A-Za-z]*){0,2})"
# Names that nobody has to know.
_ANYBODY = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:сообщает|переда[её]т|пишет|сообщил[ао])\s+(?:(?:издание|газета|телеканал|портал|агентство|журнал|сайт)\s+)?{_QUOTED}",
        rf"(?:сообщает|переда[её]т|пишет)\s+(?:издание|газета|телеканал|портал|агентство|журнал|сайт)\s+{_LATIN}",
        rf"пишет\s+{_LATIN}",
        rf"[Гг]азета\s+{_QUOTED}\s+(?:пишет|сообщает)",
        rf"(?:сообщает|переда[её]т|пишет)\s+(?P<name>[A-Z][A-Za-z]+ {_PAPER})\b",
        r"(?:сообщает|переда[её]т)\s+(?P<name>The [A-Z][a-z]+(?: [A-Z][a-z]+)?)\b",
        r"(?:գրում|հաղորդում|փոխանցում|տեղեկացնում)\s+է\s+(?P<name>[A-Z][A-Za-z ]{1,25}?)[-‑][ըն]\b",
        rf"{_QUOTED}\s+(?:օրա)?թերթը\s+(?:գրում|հայտնում)\s+է",
        rf"{_QUOTED}\s+օրաթերթի\s+այսօրվա\s+համարում",
        rf"{_QUOTED}\s+(?:qəzeti|nəşri|agentliyi|saytı|portalı|telekanalı)\s+(?:yazır|xəbər verir|məlumat)",
        r"(?P<name>[A-ZÇĞİÖŞÜ][\wçğıöşü]+)['’]n?[ıiuü]n\s+haberine göre",
        rf"(?:[Tt]he\s+)?(?:{_QUOTED}|(?P<plain>[A-Z][a-z]+))\s+(?:newspaper|daily|news agency|news site)\s+{_TOLD}",
        rf"(?:news site|newspaper|news agency|broadcaster|daily)\s+(?P<name>[A-Z]\w+)\s+{_TOLD}",
        r"روزنامه\s+(?P<name>\w+)\s+(?:نوشت|گزارش)",
    )
)
_TELLS = re.compile(
    r"сообща|переда|пиш[еу]т|газет|Газет|է\s|թերթ|qəzeti|nəşri|agentliyi|saytı|portalı|haberine|newspaper|daily"
    r"|news |broadcaster|روزنامه"
)
_ALONE = re.compile(r"^[\s(/«\"“„—–-]*(?:©\s*)?$")
_ALONE_BEHIND = re.compile(r"^[)\]/»\"”“.\s]*(?:\d{4}|SPOR)?[)/.\s]*$")
_AFTER_LABEL = re.compile(rf"(?:^|\s){_LABEL}\s*[:՝]\s*(?:{_QUOTED}|(?P<plain>[^\W\d_a-zа-яё][\w.]{{1,20}}))[\s.»”]*$")


@dataclass(frozen=True, slots=True)
class Attribution:
    """`cited` marks the one a text was taken from where another retells it: "X Y-ə istinadən xəbər verir"."""

    name: str
    evidence: str
    cited: bool = False


def find_attributions(paragraph: str, credited: Mapping[str, str]) -> Iterator[Attribution]:
    text = paragraph[:_LONGEST]
    for named in find_named(text, credited):
        found = _told(text, named)
        if found is not None:
            yield found
    if _TELLS.search(text):
        for pattern in _ANYBODY:
            for hit in pattern.finditer(text):
                name = hit["name"] or hit.groupdict().get("plain")
                if name:
                    yield Attribution(name.strip(), hit[0].strip())


def _told(text: str, named: Named) -> Attribution | None:
    left, right = text[max(0, named.start - _LEFT) : named.start], text[named.end : named.end + _RIGHT]
    after = _AFTER.match(right)
    if after is not None and (after[0].strip() != "göre" or _has_ending(text, named)):
        if "tarafından" in after[0] and "otoğraf" in text and "haber" not in text:
            return None
        cited = _CITED.match(right) is not None
        return Attribution(named.name, text[named.start : named.end + after.end()].strip(), cited)
    if _NAMED_PERSON.match(right) and not named.name.isupper():
        return None
    before = _BEFORE.search(left) or _LABELLED.search(left)
    if before is None:
        return None
    return Attribution(named.name, text[named.start - len(left) + before.start() : named.end].strip())


def _has_ending(text: str, named: Named) -> bool:
    """TASS'a göre, but not "AA göre"; a name behind which a noun follows has none."""
    return text[named.start : named.end].strip("«»“”\"'") != named.name or "ajans" in text[named.end : named.end + 30]


def read_closing(paragraph: str, credited: Mapping[str, str]) -> Attribution | None:
    """What a short last line names: "(Reuters)", "/APA/", "Kaynak: AA", "© armenews.com 2024"."""
    if len(paragraph) > _LONGEST_CLOSING:
        return None
    for named in find_named(paragraph, credited, small=True):
        left, right = paragraph[: named.start], paragraph[named.end :]
        if (_ALONE.match(left) and _ALONE_BEHIND.match(right)) or _LABELLED_LAST.search(left):
            return Attribution(named.name, paragraph.strip())
        if re.search(r"(?:^|\()(?:avec|mit|with)\s+$", left, re.IGNORECASE) and _ALONE_BEHIND.match(right):
            return Attribution(named.name, paragraph.strip())
    found = _AFTER_LABEL.search(paragraph)
    if found:
        return Attribution(found["name"] or found["plain"], found[0].strip())
    return None
