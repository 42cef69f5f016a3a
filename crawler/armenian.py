"""Western Armenian or Eastern: by spelling, which differs in almost every sentence, and by the words of each grammar.

Western Armenian keeps the classical spelling (-ութիւն, մէջ, յայտնել) and builds its verbs with կը; Eastern
Armenian of the republic writes -ություն, մեջ, հայտնել and builds them with -ում է. Marks of one stand in the other only
in names and quotations, so the balance of all marks decides. Eastern Armenian in the classical spelling, as printed in
Iran, is told by its grammar alone and may come out as Western.
"""

from __future__ import annotations

import re
from typing import Literal

_CONSONANT = "[բգդզթժլխծկհձղճմնշչպջռսվտրցփքֆ]"
# (marks, weight of each): 2 where the other has it in misprints alone, 1 where compounds and names have it too.
_WESTERN = (
    (re.compile(r"(?<=[ա-ք])(?<![ոե])ւ|\bիւ"), 2),  # իւ, աւ; reformed spelling has ւ in ու and եւ alone
    (re.compile(r"(?<=[ա-ք])է(?=[ա-ք])(?!լեկտր|ներգ|թնիկ|կոնոմ|կոլոգ|տաժ|կրան|քսպ|կզոտ|ժան|վոլյ|ր\b|ի[նրք]\b|ք\b)"), 1),
    (
        re.compile(
            r"\bյ(?:ա(?:յտ|նձն|ղթ|ռաջ|տուկ|րձակ|րգ|րաբեր|կոբ|րութ|ջող|ւել)|ետոյ|իշ|ո(?:յս|վհ)|ունուար|ունիս|ուլիս|ոյն)"
        ),
        2,
    ),
    (re.compile(r"\b(?:(?:վրայ|ներկայ|ապագայ|ետքը)\b|մօտ|օրէնք|դէմ|մէկ)"), 1),
    (re.compile(r"(?<!կոր)(?<!գվին)եան(?:ի|ը|ին|ց|ներ\w*)?\b"), 1),  # the surnames, -յան in the reform
    (re.compile(r"ու(?=[էօ])|[^\W\d]ոյ\b|ութեան"), 1),
    (re.compile(r"\b(?:մը|մըն|կը|անոր\w*|անոնք|ասոր|ասոնք|զայն|թէ|եթէ|ըլլ\w+|ըսաւ|ըսած|կ[՚'’]\w+|տակաւին|քովը)\b"), 2),
    (re.compile(r"ներու(?:ն|ս)?\b"), 2),
    (re.compile(r"\bալ\b|(?<!վ)ած (?:է|են|եմ|ենք)\b"), 1),
)
_EASTERN = (
    (re.compile(rf"{_CONSONANT}յ(?:ա|ու|ո)"), 2),  # -ություն, -յան
    (re.compile(r"(?<=[աիե])վ(?=[ա-ք])"), 1),
    (
        re.compile(
            r"\b(?:վրա|մեջ|դեմ|մեկ\w*|մոտ|նրա\w*|նրանք|դրա\w*|թե|եթե|հետո|հույս|հատուկ|հուն[վի]\w+|հուլիս\w*|չի)\b"
        ),
        1,
    ),
    (re.compile(r"ում (?:է|են|եմ|եք|ենք|էր|էին)\b|\b(?:է|են|էր) [ա-ք]+ում\b"), 2),
    (re.compile(r"ներ(?:ում|ից)\b"), 2),
    (re.compile(r"և|[ա-ք]{3}ից\b|ել (?:է|են|եմ|ենք|էր|էին)\b"), 1),
    (re.compile(r"\bհա(?:յտ|նձն|ղթ|րձակ|ջող|րաբեր)|\bհիշ"), 2),
)


def armenian_variety(text: str) -> Literal["hy", "hyw"] | None:
    """None where the marks of both are in balance, as in a few words that every Armenian spells alike."""
    text = text.lower()
    western = sum(weight * len(marks.findall(text)) for marks, weight in _WESTERN)
    eastern = sum(weight * len(marks.findall(text)) for marks, weight in _EASTERN)
    if western == eastern:
        return None
    return "hyw" if western > eastern else "hy"
