"""Datelines and credits in the house styles of many outlets."""

from __future__ import annotations

import pytest

from crawler.datelines import read_dateline
from crawler.rules import OutletRules
from topic.folding import fold

CREDITS = {
    fold("Azatutyun.am"): "azatutyun",
    fold("TASS"): "tass",
    fold("APA"): "apa",
    fold("Armenpress"): "armenpress",
}


def rules(name: str = "Asbarez", **more: object) -> OutletRules:
    return OutletRules(outlet=name.lower(), name=name, credits=CREDITS, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "place", "credit"),
    [
        ("YEREVAN (Azatutyun.am)—Russian President Vladimir Putin had calls.", "Yerevan", "Azatutyun.am"),
        ("МОСКВА, 29 июня. /ТАСС/. Суд в Москве рассмотрит дело.", "Москва", "ТАСС"),
        ("YEREVAN, August 17. /TASS/. The ministry said on Monday.", "Yerevan", "TASS"),
        ("МОСКВА, 3 янв - РИА Новости. Поезд прибыл.", "Москва", "РИА Новости"),
        ("БАКУ, 28 ноя – 1NEWS.AZ. Министр сообщил.", "Баку", "1NEWS.AZ"),
        ("BURBANK—The school opened its doors.", "Burbank", None),
        ("WASHINGTON, DC – The committee said.", "Washington", None),
        ("YEREVAN, NOVEMBER 15, ARMENPRESS. The president met the ambassador.", "Yerevan", "ARMENPRESS"),
        ("TSAGHKADZOR, AUGUST 24, ARMENPRESS. The games began.", "Tsaghkadzor", "ARMENPRESS"),
        ("BAKU (AA) – The minister said.", "Baku", "AA"),
        ("Москва. 4 января. INTERFAX.RU - По оценке специалистов.", "Москва", "INTERFAX.RU"),
        ("PanARMENIAN.Net - Verified video footage reveals a pattern.", None, "PanARMENIAN.Net"),
        ("NEW YORK (AP) — The council met.", "New York", "AP"),
        ("ArmInfo.Azerbaijan was asked.", None, "ArmInfo"),
    ],
    ids=lambda value: value[:24] if value else "none",
)
def test_a_dateline_gives_place_and_credit(text: str, place: str | None, credit: str | None) -> None:
    found = read_dateline([text], outlet=rules())

    assert (found.place, found.credit and found.credit.name) == (place, credit)


def test_a_dateline_may_stand_on_a_line_of_its_own_before_the_credit() -> None:
    found = read_dateline(["BAKU, Azerbaijan, Nov. 2", "Trend:", "The ministry said so."], outlet=rules())

    assert found.place == "Baku"
    assert found.credit is not None
    assert found.credit.name == "Trend"


@pytest.mark.parametrize(
    "text",
    [
        "NATO — what comes next for the alliance.",
        "VIDEO – Protest in the capital.",
        "COVID-19 — 30 new cases.",
        "President Aliyev — who spoke in Baku — said no.",
        "In Yerevan, 15 people were detained - police.",
        "BREAKING—A ceasefire is announced.",
        "Nikol Pashinyan (Civil Contract) said that the talks go on.",
        "On October 31, Pashinyan sent a letter to Putin.",
        "",
    ],
    ids=lambda text: text[:20] or "empty",
)
def test_what_only_looks_like_a_dateline_gives_nothing(text: str) -> None:
    found = read_dateline([text], outlet=rules())

    assert (found.place, found.credit) == (None, None)


@pytest.mark.parametrize(
    ("paragraphs", "name"),
    [
        (["Nazir APA-ya istinadən deyib."], "APA"),
        (["Bu barədə TASS-a istinadla məlumat yayılıb."], "TASS"),
        (["“Qafqazinfo” xəbər verir ki, görüş keçirilib."], "Qafqazinfo"),
        (["The talks went on.", "They ended on Friday, Interfax reports."], "Interfax"),
        (["Об этом сообщает ТАСС со ссылкой на министерство."], "ТАСС"),
        (["Как передает Укринформ, суд состоится."], "Укринформ"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_known_agency_named_in_running_text_is_the_credit(paragraphs: list[str], name: str) -> None:
    found = read_dateline(paragraphs, outlet=rules())

    assert found.credit is not None
    assert found.credit.name == name
    assert name in found.credit.evidence


def test_somebody_unknown_who_reports_is_no_credit() -> None:
    assert read_dateline(["The mayor reports progress, citing Ivan."], outlet=rules()).credit is None


@pytest.mark.parametrize(
    ("outlet", "text"),
    [
        (rules("TASS", credited_as=("ТАСС",)), "МОСКВА, 29 июня. /ТАСС/. Суд рассмотрит дело."),
        (rules("PanARMENIAN.Net"), "PanARMENIAN.Net - Verified footage."),
        (rules("Armenpress"), "YEREVAN, NOVEMBER 15, ARMENPRESS. The president met him."),
        (rules("Artsakhpress"), "STEPANAKERT, DECEMBER 13, ARTSAKHPRESS-ARMENPRESS: The parliament met."),
        (rules("APA", credited_as=("APA.az",)), "Bu barədə APA-ya istinadən deyilib."),
    ],
    ids=["tass", "panarmenian", "armenpress", "artsakhpress", "apa"],
)
def test_a_text_credited_to_the_outlet_itself_has_no_credit(outlet: OutletRules, text: str) -> None:
    assert read_dateline([text], outlet=outlet).credit is None


def test_the_credited_outlet_is_found_in_the_catalogue() -> None:
    found = read_dateline(["YEREVAN (Azatutyun.am)—Russian President Vladimir Putin."], outlet=rules())

    assert found.credit is not None
    assert found.credit.outlet == "azatutyun"
    assert found.credit.evidence == "YEREVAN (Azatutyun.am)—"


def test_an_agency_in_the_authors_place_is_the_credit_of_a_text_that_names_none() -> None:
    found = read_dateline(["Nothing is credited here."], outlet=rules(), agency="dpa")

    assert found.credit is not None
    assert found.credit.name == "dpa"
