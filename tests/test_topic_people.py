"""The people, bodies, events and terms of the shipped topic: how many, how whole, and what their names do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import pairwise

import pytest

from topic import Topic, load
from topic.concepts import Concept


@pytest.fixture(scope="module")
def topic() -> Topic:
    return load()


@pytest.fixture(scope="module")
def people(topic: Topic) -> Mapping[str, Concept]:
    return {one.id: one for one in topic.concepts if one.kind == "person"}


def test_the_story_has_its_people_bodies_events_and_terms(topic: Topic) -> None:
    kinds = Counter(one.kind for one in topic.concepts)

    assert kinds["person"] >= 180
    assert kinds["body"] >= 50
    assert kinds["event"] + kinds["term"] >= 100


def test_every_person_is_named_as_both_sides_name_them(people: Mapping[str, Concept]) -> None:
    assert [one.id for one in people.values() if not {"en", "hy", "az", "ru"} <= one.names.keys()] == []


def test_a_person_whose_name_alone_does_not_make_a_story_has_a_note_that_says_why(
    people: Mapping[str, Concept],
) -> None:
    assert [one.id for one in people.values() if 0 < one.lonely < 0.85 and not one.note] == []


def test_offices_stand_in_their_order_with_a_year_at_least(people: Mapping[str, Concept]) -> None:
    with_offices = [one for one in people.values() if one.offices]

    assert len(with_offices) >= 90
    for one in with_offices:
        begins = [office.since for office in one.offices]
        assert all(begins), one.id
        assert begins == sorted(begins), one.id


@pytest.mark.parametrize(
    "title",
    [
        "President of Nagorno-Karabakh",
        "President of Armenia",
        "Foreign Minister of Armenia",
        "Foreign Minister of Azerbaijan",
        "Defence Minister of Armenia",
        "Speaker of the National Assembly of Nagorno-Karabakh",
        "Commander of the Nagorno-Karabakh Defence Army",
    ],
)
def test_an_office_has_one_holder_at_a_time(people: Mapping[str, Concept], title: str) -> None:
    terms = sorted(
        (office.since, office.until or "9999")
        for one in people.values()
        for office in one.offices
        if office.title == title
    )

    assert len(terms) >= 3
    assert [pair for pair in pairwise(terms) if pair[1][0] < pair[0][1]] == []


@pytest.mark.parametrize(
    ("concept", "text"),
    [
        ("ruben_vardanyan", "Ռուբեն Վարդանյանին այցելել են"),
        ("ruben_vardanyan", "Ռուբէն Վարդանեանի փաստաբանը"),
        ("ruben_vardanyan", "Адвокат Рубена Варданяна"),
        ("ruben_vardanyan", "Ruben Vardanyanın vəkili"),
        ("ruben_vardanyan", "L'avocat de Rouben Vardanian"),
        ("ruben_vardanyan", "რუბენ ვარდანიანის ადვოკატი"),
        ("arayik_harutyunyan", "Mr. Arayik Haroutiounian's lawyer"),
        ("arayik_harutyunyan", "Араику Арутюняну"),
        ("arkadi_ghukasyan", "Аркадия Гукасяна"),
        ("polad_hashimov", "Polad Həşimovun xatirəsi"),
        ("elmar_mammadyarov", "встреча с Эльмаром Мамедъяровым"),
        ("andrzej_kasprzyk", "Анджея Каспшика"),
        ("osce_minsk_group", "Минской группы ОБСЕ"),
        ("baku_military_court", "Bakı Hərbi Məhkəməsində"),
        ("zangezur_corridor", "Зангезурского коридора"),
        ("zangezur_corridor", "Zəngəzur dəhlizinin"),
        ("khojaly_massacre", "Xocalı soyqırımının ildönümü"),
        ("right_of_return", "арцахцы о праве на возвращение в Арцах"),
        ("displaced", "арцахцы о праве на возвращение в Арцах"),
        ("mines_of_karabakh", "ականապատ դաշտերի քարտեզները"),
    ],
)
def test_a_name_is_found_with_the_endings_of_its_language(topic: Topic, concept: str, text: str) -> None:
    assert concept in {mention.concept for mention in topic.judge(text, "").mentions}


@pytest.mark.parametrize(
    "title",
    [
        "Former ombudsman Artak Beglaryan speaks to the press",
        "Вагифа Хачатряна осмотрели врачи",
        "Մադաթ Բաբայանի ընտանիքը սպասում է",
        "Bako Saakyanın məhkəməsi davam edir",
        "Arkadi Ghoukassian hospitalisé",
        "Section 907 waiver comes before the Senate",
        "Xocalı soyqırımının qurbanları anılıb",
        "Maragha massacre remembered",
        "Сумгаитским погромам 38 лет",
        "Блокада Лачинского коридора: хроника",
        "Zengezur Koridoru için takvim belli oldu",
        "ზანგეზურის დერეფანზე მოლაპარაკება",
        "دالان زنگزور و مرز ایران",
        "Le droit au retour en Artsakh débattu à Berne",
        "Kriegsgefangene: armenische Gefangene in Baku",
    ],
)
def test_a_name_that_belongs_to_the_story_alone_makes_it_relevant(topic: Topic, title: str) -> None:
    assert topic.judge(title, "").relevant


@pytest.mark.parametrize(
    "title",
    [
        "Ararat Mirzoyan received the ambassador of Japan",
        "Джейхун Байрамов обсудил туризм с послом Японии",
        "Սերժ Սարգսյանը շնորհավորել է շախմատիստներին",
        "Heydar Aliyev Center opens an exhibition",
        "Рустам Мурадов назначен заместителем главкома",
        "Гарик Мартиросян представил новое шоу",
        "Investors hope for great returns",
        "Le grand retour du chanteur",
        "Prague declaration on digital skills signed",
        "Взрыв на складе горючего в Ростове",
        "Düşman işgalinden kurtarılan ilçede tören",
        "Ukraynanın işğal olunmuş ərazilərində vəziyyət",
        "Four villages get a new school",
        "Kazan summit of BRICS opens",
        "PKK kendini feshetti",
    ],
)
def test_names_of_many_things_do_not_make_a_story(topic: Topic, title: str) -> None:
    assert not topic.judge(title, "").relevant
