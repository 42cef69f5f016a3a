"""Verdicts on stories made up for this purpose: names are real, events are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topic import Verdict, judge

RELEVANT = [
    pytest.param(language, title, body, id=f"{language} {title[:40]}")
    for language, title, body in [
        ("en", "Baku court sentences former Karabakh leaders to life", ""),
        ("en", "Displaced families protest housing cuts", "People who fled Stepanakert say the rent support ends."),
        ("en", "First residents move back to Lachin", "Azerbaijan says 200 families have returned to the town."),
        ("en", "Judges order safe passage for aid", "Baku must let lorries through the Lachin corridor."),
        ("en", "Four Armenian soldiers killed in border clash with Azerbaijan", ""),
        ("en", "Aliyev and Pashinyan initial peace accord", ""),
        ("en", "Armenia hands over four villages to Azerbaijan", ""),
        ("en", "Contract signed for the TRIPP railway", ""),
        ("en", "", "Azerbaijan and Armenia accused each other of breaking the ceasefire. Two villages were shelled."),
        ("ru", "В Шуше открылся фестиваль", ""),
        ("ru", "Пашинян и Алиев согласовали текст мирного договора", ""),
        ("ru", "Комиссии Армении и Азербайджана по делимитации провели встречу", ""),
        ("ru", "Рубена Варданяна приговорили к двадцати годам", ""),
        ("ru", "Ереван обвинил Баку в обстреле приграничного села", ""),
        ("ru", "Миротворцы сопроводили колонну", "Колонна прошла из Степанакерта в Горис по Лачинскому коридору."),
        ("hy", "Ադրբեջանը կրակ է բացել հայկական դիրքերի ուղղությամբ", ""),
        ("hy", "Արցախից բռնի տեղահանվածների ծրագիրը կվերանայվի", ""),
        ("hy", "Ի՞նչ է կատարվում Ղարաբա՛ղում", ""),
        ("hy", "Լաչինի միջանցքը փակ է արդեն հարյուր օր", ""),
        ("hy", "", "ՊԲ. Հակառակորդը խախտել է հրադադարի ռեժիմը շփման գծի ողջ երկայնքով։"),
        ("az", "Xankəndiyə növbəti köç karvanı yola salındı", ""),
        ("az", "Füzuli rayonunda minaya düşən şəxs yaralanıb", ""),
        ("az", "İşğaldan azad olunmuş ərazilərdə məktəblər tikilir", ""),
        ("az", "Ermənistan silahlı qüvvələri mövqelərimizi atəşə tutub", ""),
        ("tr", "Azerbaycan askeri Hankendi'ye girdi", ""),
        ("tr", "Ermenistan ordusu Azerbaycan mevzilerine ateş açtı", ""),
        ("tr", "Hocalı'da öldürülenler anıldı", ""),
        ("fr", "Les réfugiés d’Artsakh entre deux rives", ""),
        ("fr", "Deux soldats arméniens tués à la frontière avec l’Azerbaïdjan", ""),
        ("de", "Flucht aus Bergkarabach", ""),
        ("es", "Nueva ofensiva en Nagorno Karabaj", ""),
        ("uk", "Наступ у Нагірному Карабасі", ""),
        ("ka", "მთიანი ყარაბაღის კონფლიქტი", ""),
        ("fa", "درگیری در قره‌باغ", ""),
        ("fa", "ارمنستان و آذربایجان توافق صلح امضا کردند", ""),
    ]
]

OTHER = [
    pytest.param(language, title, body, id=f"{language} {title[:40]}")
    for language, title, body in [
        ("en", "Qarabag stun Chelsea in Champions League", "The Azerbaijani champions won with a late goal."),
        ("en", "Moldova says Russian peacekeepers stay in Transnistria", ""),
        ("en", "Karabakh horse wins at the show", ""),
        ("en", "Baku hosts climate summit", ""),
        ("en", "Armenia and Turkey reopen border crossing", ""),
        ("en", "Both armies trade fire along line of contact in Donbas", ""),
        ("en", "Hostages freed in Gaza as ceasefire begins", ""),
        ("en", "Genocide remembered in Yerevan on 24 April", ""),
        ("ru", "«Карабах» сыграл вничью с «Ньюкаслом» в Лиге чемпионов", ""),
        ("ru", "На улице Физули в Баку столкнулись две машины", ""),
        ("ru", "Продажи вина «Агдам» выросли вдвое", ""),
        ("ru", "Миротворцы ОДКБ покинули Казахстан", ""),
        ("ru", "Исполнение минских соглашений обсудили в Париже", ""),
        ("hy", "«Ղարաբաղը» հաղթեց", "Եվրոպա լիգայի խաղում ադրբեջանական ակումբը գոլ խփեց։"),
        ("hy", "Արցախի պողոտայում ջուր չի լինի", ""),
        ("hy", "Մարտունիում փողոց է վերանորոգվել", ""),
        ("hy", "Երևանում անձրև է սպասվում", ""),
        ("az", "“Qarabağ” qələbə qazandı", ""),
        ("az", "Qarabağ - Neftçi matçının hakimi bəlli oldu", ""),
        ("az", "Məhəmməd Füzulinin qəzəlləri nəşr olundu", ""),
        ("az", "Prezident İlham Əliyev həmkarını təbrik edib", ""),
        ("az", "Gəncədə oğurluq edən şəxs tutuldu", ""),
        ("az", "Məktəb təmir olundu", "Qarabağ üzrə bölgə müxbiri xəbər verir ki, Bərdədə məktəb təmir olunub."),
        ("tr", "Karabağ, Şampiyonlar Ligi'nde konuk oluyor", ""),
        ("tr", "Berna Laçin yeni oyunuyla sahnede", ""),
        ("tr", "Karabağlar Belediyesi'nden öğrencilere destek", ""),
        ("fr", "Le Qarabag battu en Ligue des champions", "L’attaquant a marqué deux buts."),
        ("fr", "Susa, l’antique cité, au Louvre", ""),
        ("fr", "Le génocide arménien commémoré à Marseille", ""),
        ("de", "Freiburg verliert in der Europa League gegen Karabach Agdam", ""),
        ("uk", "Карабах - Динамо: де дивитися матч", ""),
    ]
]


@pytest.mark.parametrize(("language", "title", "body"), RELEVANT)
def test_a_story_of_the_topic_is_relevant_whether_or_not_its_language_is_known(
    language: str, title: str, body: str
) -> None:
    for verdict in (judge(title, body), judge(title, body, language)):
        assert verdict.relevant, verdict
        assert verdict.mentions


@pytest.mark.parametrize(("language", "title", "body"), OTHER)
def test_a_false_friend_is_not_relevant_whether_or_not_its_language_is_known(
    language: str, title: str, body: str
) -> None:
    for verdict in (judge(title, body), judge(title, body, language)):
        assert not verdict.relevant, verdict


def concepts(verdict: Verdict) -> set[str]:
    return {mention.concept for mention in verdict.mentions}


@pytest.mark.parametrize(
    "name",
    [
        *("Stepanakert", "Stepanakert’s", "Khankendi", "Xankəndiyə", "Xankəndidəki", "XANKƏNDİDƏ", "Hankendi'ye"),
        *("Степанакерте", "степанакертский", "Ханкенди", "Ստեփանակերտում", "Ստեփանակերտցիների", "Ստեփանակե՞րտ"),
    ],
)
def test_one_place_is_found_under_both_its_names_with_every_ending(name: str) -> None:
    text = f"12 - {name}, 2023"
    verdict = judge("", text)

    assert "stepanakert" in concepts(verdict)
    only = verdict.mentions[0]
    assert text[only.start : only.end] == only.surface
    assert name.startswith(only.surface)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Karabakhis", "karabakh"),
        ("in Şuşada", "shushi"),
        ("şuşa", None),
        ("Susa, İran", None),
        ("Hocalık ve hocalı", None),
        ("тушёнка", None),
        ("Bergkarabachs", "nagorno_karabakh"),
        ("баки и бак", None),
        ("Baku'de", "azerbaijan"),
        ("Nakarabakh", None),
        ("Ղարաբաղցու", "karabakh"),
        ("Лачина Мамедова в Лачине", "lachin"),
        ("встретил Лачин Мамедову", None),
        ("Лачин готов", "lachin"),
        ("Լաչին Պետրոսյանը", None),
        ("հարկ է", None),
    ],
)
def test_endings_are_allowed_and_other_words_are_not(text: str, found: str | None) -> None:
    assert concepts(judge("", text)) == ({found} if found else set())


def test_a_longer_name_counts_and_the_shorter_one_inside_it_is_mentioned() -> None:
    verdict = judge("Lachin corridor reopened", "")

    assert concepts(verdict) == {"lachin_corridor", "lachin"}
    assert verdict.reasons[0] == "Lachin corridor in the title"
    assert concepts(judge("Berna Laçin sahnede", "")) == set()


def test_abbreviations_count_in_capitals_only() -> None:
    assert "nkr" in concepts(judge("ԼՂՀ-ն հայտարարություն է տարածել", ""))
    assert "nagorno_karabakh" in concepts(judge("ԼՂ հիմնահարցը", ""))
    assert concepts(judge("нкр", "Trippy tripp")) == set()


def test_a_town_alone_says_less_than_a_town_with_an_army() -> None:
    alone = judge("Fuzuli", "")
    together = judge("Army enters Fuzuli, Azerbaijan says", "")

    assert not alone.relevant
    assert together.relevant
    assert alone.score < together.score


def test_a_passing_line_in_a_long_story_is_not_relevant() -> None:
    dull = "The committee spoke about pensions and schools in every district of the country. " * 30
    verdict = judge("Committee on pensions meets", dull + "One member was born in Karabakh. " + dull)

    assert not verdict.relevant
    assert concepts(verdict) == {"karabakh"}


def test_reasons_are_words_for_a_reader() -> None:
    body = "People displaced from Karabakh wait for aid. The weather is cold. Shops are empty."

    assert judge("Lachin corridor closed", body).reasons == (
        "Lachin corridor in the title",
        "people displaced from Karabakh (since 1988) in the lead",
        "1 of 3 sentences speak of it",
    )
    assert judge("Pensions rise", "Nothing else.").reasons == ("nothing of the topic is named",)
    assert judge("Karabakh: UEFA delays the match", "").reasons == (
        "Karabakh understood as football",
        "speaks of football (×2)",
    )


def test_nothing_at_all_is_not_relevant_and_has_no_mentions() -> None:
    verdict = judge("", "")

    assert verdict.outcome == "not"
    assert verdict.mentions == ()
    assert verdict.topic_version.startswith("karabakh-")


def test_cues_and_false_friends_are_no_mentions() -> None:
    assert judge("“Qarabağ” futbol klubu turnirdə", "Ceasefire, war and refugees elsewhere.").mentions == ()


def test_a_name_repeated_without_end_fills_no_database() -> None:
    verdict = judge("", "Artsakh " * 5000)

    assert verdict.relevant
    assert len(verdict.mentions) == 50


WORDS = st.sampled_from(
    [
        "Karabakh",
        "Ղարաբա՞ղում",
        "Xankəndi",
        "«Qarabağ»",
        "UEFA",
        "Армения",
        "Baku",
        "war",
        ".\n",
        "՞",
        "\u00ad",
        "և",
    ]
)
TEXTS = st.lists(st.one_of(WORDS, st.text(max_size=5)), max_size=25).map(" ".join)


@given(TEXTS, TEXTS)
def test_judging_never_raises_and_mentions_lie_where_they_say(title: str, body: str) -> None:
    verdict = judge(title, body)

    assert 0 <= verdict.score <= 1
    assert verdict.relevant == (verdict.outcome == "relevant")
    for mention in verdict.mentions:
        text = {"title": title, "body": body}[mention.field]
        assert text[mention.start : mention.end] == mention.surface != ""
