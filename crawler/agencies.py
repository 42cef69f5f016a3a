"""Names that stand under a story and are no person's: agencies, outlets, desks."""

from __future__ import annotations

import re

from topic.folding import fold

# Agencies whose wire other outlets reprint. The catalogue's own outlets come on top, through OutletRules.credits.
_AGENCIES = """
AFP; Agence France-Presse; AP; The Associated Press; Associated Press; Reuters; Thomson Reuters; Рейтер; Рейтерс
dpa; APA; EFE; ANSA; Xinhua; Синьхуа; Bloomberg; UPI; Kyodo; DPA International; PTI; IANS; ANI; PAP; CTK; ČTK; MTI
Belga; NTB; TT
TASS; ТАСС; ИТАР-ТАСС; ITAR-TASS; РИА Новости; RIA Novosti; РИА «Новости»; Интерфакс; Interfax; INTERFAX.RU; Спутник
Sputnik; REGNUM; ИА REGNUM; РБК; Росбалт; УНИАН; Укринформ; Ukrinform; Интерфакс-Украина
AA; Anadolu; Anadolu Ajansı; Anadolu Agency; Анадолу; DHA; Demirören Haber Ajansı; İHA; IHA; İhlas Haber Ajansı; ANKA
IRNA; ISNA; Mehr; Tasnim; Fars; ایرنا; ایسنا; مهر; تسنیم; فارس
Armenpress; Արմենպրես; Арменпресс; ArmInfo; АрмИнфо; ARKA; АРКА; PanARMENIAN.Net; PanARMENIAN; Artsakhpress; News.am
ՌԻԱ Նովոստի; ՏԱՍՍ; Ինտերֆաքս; Արմինֆո
Azatutyun; Azatutyun.am; Ազատություն; RFE/RL; Радио Свобода; Радио Азатутюн; Panorama.am; CivilNet; A1+; Tert.am
Trend; Trend News Agency; Тренд; APA.az; Azertac; AZERTAC; AZƏRTAC; АЗЕРТАДЖ; Report; Report.az; Turan; 1news.az; Day.az
Qafqazinfo; Oxu.az; Modern.az; News.az; Azernews; Interpressnews; IPN; InterPressNews
"""
_KNOWN = frozenset(fold(name.strip()) for name in re.split(r"[;\n]", _AGENCIES) if name.strip())
_SUFFIX = re.compile(r"\.(?:am|az|ru|com|net|org|info|ge|tr|ir)$", re.IGNORECASE)


def is_agency(name: str) -> bool:
    """Whether a name, in any case and with or without its domain's ending, is that of a known agency or news outlet."""
    return any(form in _KNOWN for form in name_forms(name))


def name_forms(name: str) -> tuple[str, ...]:
    """The folded forms under which an outlet's name may be listed: whole, without "ИА", without its domain's ending."""
    whole = fold(name.strip(" \t\"'«»“”„‟()[]/.,:;—–-"))
    bare = whole.removeprefix("иа ")
    return tuple(dict.fromkeys((whole, bare, _SUFFIX.sub("", bare))))
