"""The language of stories and headlines, from the text itself with hints at the side; all sentences are made up."""

from __future__ import annotations

import pytest

from crawler.armenian import armenian_variety
from crawler.language import find_language, language_of_title, written_in

WESTERN = [
    "Նախագահը երէկ հանդիպում մը ունեցաւ դեսպանին հետ",
    "Լիբանանի մէջ կը շարունակուի տագնապը",
    "Վարչապետը յայտարարեց թէ սահմանները փակ կը մնան",
    "Հայ Դատի յանձնախումբը կոչ կ՚ուղղէ Քոնկրէսին",
    "Ստեփանակերտէն տեղահանուած ընտանիքներ նոր տուներ կը ստանան",
    "Եկեղեցւոյ մէջ տեղի ունեցաւ յիշատակի արարողութիւն",
    "Սփիւռքի նախարարը այցելեց Պէյրութ եւ Հալէպ",
    "Դպրոցներու աշակերտները մասնակցեցան մրցումին",
    "Ազգային ժողովի պատգամաւորները քուէարկեցին նախագիծին դէմ",
    "ԳԵՐԻՆԵՐՈՒ ԸՆՏԱՆԻՔՆԵՐԸ ԲՈՂՈՔԻ ՑՈՅՑ ԿԱՏԱՐԵՑԻՆ ԵՐԵՒԱՆԻ ՄԷՋ",
    "Ղարաբաղցիներու վերադարձի իրաւունքը պէտք է պաշտպանել",
    "Անոնք տակաւին կը սպասեն դատարանի որոշումին",
]
EASTERN = [
    "Նախագահը երեկ հանդիպել է դեսպանի հետ",
    "Վարչապետը հայտարարեց, որ սահմանները փակ են",
    "Ազգային ժողովի պատգամավորները քվեարկեցին նախագծի դեմ",
    "Ստեփանակերտից տեղահանված ընտանիքները նոր տներ են ստանում",
    "Եկեղեցում տեղի ունեցավ հիշատակի արարողություն",
    "Հյուսիսային Կորեան հրթիռ է արձակել Ճապոնիայի ուղղությամբ",
    "Ատոմաէներգետիկայի ոլորտում համագործակցության պայմանագիր",
    "ԵՐԵՎԱՆՈՒՄ ԱՆՑԿԱՑՎԵՑ ԲՈՂՈՔԻ ՑՈՒՅՑ ԳԵՐԻՆԵՐԻ ՀԱՄԱՐ",
    "Գևորգ Տէր-Մանուէլեանի գիրքը ներկայացվել է Գյումրիում և Վանաձորում",
    "ՅՈՒՆԵՍԿՕ-ի ներկայացուցիչները կայցելեն Արցախի եկեղեցիներ, հայտնեց նախարարությունը",
    "Սարգսեան ազգանունով զինվորը վիրավորվել է սահմանին",
    "Ներկայացուցիչը պիտի լինի մեր երկրի քաղաքացի և բնակվի այստեղ",
]


@pytest.mark.parametrize("text", WESTERN)
def test_a_headline_in_western_armenian_is_told_from_eastern(text: str) -> None:
    assert armenian_variety(text) == "hyw"


@pytest.mark.parametrize("text", EASTERN)
def test_a_headline_in_eastern_armenian_is_told_from_western(text: str) -> None:
    assert armenian_variety(text) == "hy"


def test_words_that_all_armenians_spell_alike_leave_it_to_the_outlet() -> None:
    assert armenian_variety("Արցախ") is None
    assert language_of_title("Արցախ", declared="en", usual=["en", "hyw"]) == "hyw"
    assert find_language("Արցախ", declared=None) == ("hy", "text")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Bakıda görüş keçirilib, nümayəndə heyəti Şuşaya yola düşüb", "az"),
        ("Азәрбајҹан нүмајәндә һејәти Шушаја јола дүшүб, ҝөрүш кечирилиб", "az-Cyrl"),
        ("آذربایجان نماینده هیئتی شوشایا یولا دوشوب، گؤروش باره‌ده بیان ائدیب", "az-Arab"),
        ("هیئت ایرانی برای گفتگو به ایروان رفت و با نخست وزیر دیدار کرد", "fa"),
        ("وصل الوفد إلى باكو في زيارة رسمية بعد لقاء مع الوزير", "ar"),
        ("Делегация приехала в Ереван и обсудила мирный договор", "ru"),
        ("Делегація приїхала до Єревана й обговорила мирний договір", "uk"),
        ("Heyet Bakü'de görüştü, barış anlaşması ele alındı", "tr"),
        ("დელეგაცია ერევანში ჩავიდა და შეთანხმებაზე ისაუბრა", "ka"),
        ("La délégation est arrivée à Erevan pour parler de la paix", "fr"),
        ("Die Delegation reiste nach Eriwan und sprach über den Frieden", "de"),
        ("La delegación llegó a Ereván para hablar de la paz", "es"),
    ],
)
def test_no_declaration_outweighs_a_sentence(text: str, language: str) -> None:
    for declared in (None, "en", "ru-RU", "fa_IR"):
        assert find_language(text, declared=declared, usual=["tr", "uk", "ar"]) == (language, "text")


def test_where_the_letters_waver_the_outlets_language_decides() -> None:
    assert find_language("Q&A: Armenian border dispute", declared=None, usual=["en", "hy"]) == ("en", "text")
    assert find_language("Xankəndi", declared="en") == ("az", "text")
    assert find_language("Hadrut", declared="en-US", usual=["az", "en"]) == ("en", "declared")
    assert find_language("Hadrut", declared="ru", usual=["az", "ru"]) == ("az", "source")


def test_a_page_with_a_summary_in_another_language_is_in_the_language_of_its_story() -> None:
    summary = "A summary in English of what follows. " * 5
    story = "Делегация приехала в Ереван и обсудила мирный договор. " * 60

    assert find_language(summary + story, declared="en")[0] == "ru"


@pytest.mark.parametrize(
    ("title", "usual", "language"),
    [
        ("Görüş keçirilib", ["az", "ru"], "az"),
        ("Встреча в Баку", ["az", "ru", "en"], "ru"),
        ("Talks in Baku", ["az", "ru", "en"], None),
        ("შეხვედრა", ["en"], "ka"),
        ("Зустріч у Києві", ["ru", "uk"], "uk"),
        ("1:0", ["az", "ru"], None),
    ],
)
def test_a_headline_is_told_by_script_and_source_alone(title: str, usual: list[str], language: str | None) -> None:
    assert language_of_title(title, declared=None, usual=usual) == language


def test_every_tag_of_the_catalogue_has_its_script() -> None:
    assert [written_in(tag) for tag in ("az", "az-Cyrl", "az-Arab", "hyw", "ru-RU", "fa", "en-US")] == [
        "Latn", "Cyrl", "Arab", "Armn", "Cyrl", "Arab", "Latn",
    ]  # fmt: skip
