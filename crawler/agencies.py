"""Names that stand under a story and are no person's: agencies, outlets, desks."""

from __future__ import annotations

import re

from topic.folding import fold

# Agencies whose wire other outlets reprint. The catalogue's own outlets come on top, through OutletRules.credits.
_AGENCIES = """
AFP; Agence France-Presse; Франс Пресс; Agence France Presse; AP; The Associated Press; Associated Press; Reuters
Thomson Reuters; Рейтер; Рейтерс
dpa; APA; EFE; ANSA; Xinhua; Синьхуа; Bloomberg; UPI; Kyodo; DPA International; PTI; IANS; ANI; PAP; CTK; ČTK; MTI
Belga; NTB; TT; ATS; SDA; epd; KNA; dpa/AFP; AFP/dpa; Europa Press; CNA; БЕЛТА; BelTA; Казинформ; Kazinform; Кабар
رويترز; رویترز
The Washington Post; The New York Times; The Wall Street Journal; Financial Times; The Times; The Telegraph; Axios
Politico
CNN; CNBC; NBC News; ABC News; CBS News; Fox News; Newsweek; Le Monde; Le Figaro; Libération; BFMTV; Der Spiegel
El País
TASS; ТАСС; ИТАР-ТАСС; ITAR-TASS; РИА Новости; RIA Novosti; РИА «Новости»; Интерфакс; Interfax; INTERFAX.RU; Спутник
Sputnik; REGNUM; ИА REGNUM; РБК; Росбалт; УНИАН; ТСН; Укрінформ; УНІАН; Медиазона
РИА «Дагестан»; Новый Регион
Новости-Армения; Укринформ; Ukrinform; Интерфакс-Украина
AA; АА; Anadolu; Anadolu Ajansı; Anadolu Agency; Анадолу; DHA; Demirören Haber Ajansı; İHA; IHA; İhlas Haber Ajansı
ANKA
IRNA; ISNA; Mehr; MNA; Tasnim; Fars; ایرنا; ایسنا; مهر; تسنیم; فارس; آناتولی; اسپوتنیک; سبوتنيك
باشگاه خبرنگاران جوان; خبرآنلاین
Armenpress; Արմենպրես; Арменпресс; ArmInfo; АрмИнфо; ARKA; АРКА; PanARMENIAN.Net; PanARMENIAN; Artsakhpress; News.am
ՌԻԱ Նովոստի; ՏԱՍՍ; Ինտերֆաքս; Արմինֆո; Արմէնփրէս; Արցախպրես; Aysor.am
Azatutyun; Azatutyun.am; Ազատություն; RFE/RL; Радио Свобода; Радио Азатутюн; Panorama.am; CivilNet; A1+; Tert.am
Trend; Trend News Agency; Тренд; APA.az; Azertac; AZERTAC; AZƏRTAC; АЗЕРТАДЖ; Report; Report.az; Turan; 1news.az
Day.az
Qafqazinfo; Oxu.az; Modern.az; News.az; Azernews; Interpressnews; IPN; InterPressNews
ინტერპრესნიუსი; ინტერფაქსი; საქინფორმი; იმედი; რუსთავი 2; მთავარი
"""
_SUFFIX = re.compile(r"\.(?:am|az|ru|com|net|org|info|ge|tr|ir)$", re.IGNORECASE)
# Cyrillic words into which a Latin letter of the same look has slipped: "ИHТЕРФАКС".
_MIXED = re.compile(r"[a-z][а-я]|[а-я][a-z]")
_ALIKE = str.maketrans("abcehkmoptxy", "авсенкмортху")


def is_agency(name: str) -> bool:
    """Whether a name, in any case and with or without its domain's ending, is that of a known agency or news outlet."""
    return any(form in AGENCIES for form in name_forms(name))


def name_forms(name: str) -> tuple[str, ...]:
    """The folded forms under which an outlet's name may be listed: whole, without "ИА", without its domain's ending."""
    whole = fold(name.strip(" \t\"'«»“”„‟()[]/.,:;—–-"))
    if _MIXED.search(whole):
        whole = whole.translate(_ALIKE)
    bare = whole.removeprefix("иа ").removeprefix("the ")
    return tuple(dict.fromkeys((whole, bare, _SUFFIX.sub("", bare))))


def _bare(name: str) -> str:
    return name_forms(name)[0].removeprefix("иа ").removeprefix("the ")


AGENCIES = frozenset(_bare(name) for name in re.split(r"[;\n]", _AGENCIES) if name.strip())
