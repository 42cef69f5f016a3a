"""The parts of a page that are read by rules of their own: titles, makers, captions, furniture, language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.agencies import is_agency
from crawler.bylines import find_makers, is_person, split_names
from crawler.clean import clean_paragraphs
from crawler.decode import decode_page
from crawler.headline import find_title, without_site
from crawler.language import find_language, find_script
from crawler.markup import blocks_of, parse_tree
from crawler.normalise import content_hash, distinct
from crawler.pictures import find_captions
from crawler.structured import read_structured
from storage.boilerplate import paragraph_hash

LONG = "The ministers met on Monday and spoke about the return of the displaced families to their homes."


def title_of(html: str, *names: str, feed: str = "") -> str:
    tree = parse_tree(html)
    assert tree is not None
    return find_title(read_structured(tree, ""), tree, blocks_of(tree), site_names=names, feed=feed)


def makers_of(html: str, *names: str, beside: tuple[str, ...] = (), feed: tuple[str, ...] = ()) -> tuple[str, ...]:
    tree = parse_tree(html)
    assert tree is not None
    return find_makers(read_structured(tree, ""), tree, not_people=names, beside=beside, feed=feed).authors


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<title>Talks end in Baku - News.az</title>", "Talks end in Baku"),
        ("<title>News.az :: Talks end in Baku</title>", "Talks end in Baku"),
        ("<title>Talks end in Baku | Politics - News.az</title><h2>Talks end in Baku</h2>", "Talks end in Baku"),
        ('<meta property="og:title" content="Talks end in B..."><h1>Talks end in Baku</h1>', "Talks end in Baku"),
        ("<title>News.az</title><h1>News.az</h1><h1>Talks end in Baku</h1>", "Talks end in Baku"),
        ('<meta property="og:title" content="Aliyev &amp;quot;ready&amp;quot; to talk">', 'Aliyev "ready" to talk'),
        ("<title>Yerevan – Baku: what next - News.az</title>", "Yerevan – Baku: what next"),
        ("<title>Talks end in Baku - All news here</title><h1>Talks end in Baku</h1><h1>Ad</h1>", "Talks end in Baku"),
        ("<title>News - North</title><h1>Talks about the dam end in Baku</h1>", "Talks about the dam end in Baku"),
        ("<title>Talks on the dam end | dam | Hill-Post mobile</title><h1>Hill-Post</h1>", "Talks on the dam end"),
        ("<title>Talks on the dam end - News.az</title><h1>Talks on the dam end Dam</h1>", "Talks on the dam end"),
        ("<p>nothing here</p>", ""),
    ],
    ids=["site behind", "site before", "section", "cut", "site as heading", "escaped twice", "dash of its own",
         "slogan behind", "section in the window", "site in the heading", "tags in the heading", "none"],
)  # fmt: skip
def test_a_title_is_what_the_page_calls_its_story(html: str, title: str) -> None:
    assert title_of(html, "News.az") == title


def test_the_feed_names_a_story_whose_page_does_not() -> None:
    assert title_of("<title>News.az</title>", "News.az", feed="Talks end in Baku") == "Talks end in Baku"


@given(st.text(max_size=80), st.text(max_size=20))
def test_taking_the_site_off_a_title_never_adds_to_it(title: str, site: str) -> None:
    assert len(without_site(title, frozenset({site}))) <= len(title)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("By Anna Petrosyan and Leyla Mammadova", ["Anna Petrosyan", "Leyla Mammadova"]),
        ("Автор: Иван Петров, Пётр Иванов", ["Иван Петров", "Пётр Иванов"]),
        ("Anna Petrosyan (Reuters)", ["Anna Petrosyan"]),
        ("Wilmer Leon. Sputnik International", ["Wilmer Leon", "Sputnik International"]),
    ],
    ids=["english", "russian", "agency behind", "outlet behind"],
)
def test_a_byline_is_split_into_names(text: str, names: list[str]) -> None:
    assert split_names(text) == names


@pytest.mark.parametrize(
    "name",
    ["Anna Petrosyan", "J. K. Müller", "Fatma Sevinç Çetin", "Андрей Колесников", "Ներսես Պետրոսյան",
     "Ursula von der Leyen",     "حسین منصوری", "ნინო ჯაფარიძე",
     "Victoria O’Regan", "STEVE PEOPLES", "松岡大地", "김태연"],
)  # fmt: skip
def test_names_of_people_are_kept(name: str) -> None:
    assert is_person(name)


@pytest.mark.parametrize(
    "name",
    ["Anadolu Ajansı", "РИА Новости", "Associated Press", "News Desk", "Haber Merkezi", "editor@example.am",
     "@handle news", "Admin", "www.mrsadiq.info Sadiq Məmmədov", "12 March", "Sputnik International News",
     "Der Führer droht Israel mit", "Лента новостей",
     "Резко возражаю против диагноза"],
)  # fmt: skip
def test_other_names_are_not(name: str) -> None:
    assert not is_person(name)


def test_the_outlets_own_name_is_no_author() -> None:
    node = '{"@type": "Article", "author": {"@type": "Person", "name": "Haber Türk"}}'

    assert makers_of(f'<script type="application/ld+json">{node}</script>', "Habertürk") == ()


def test_the_maker_of_the_site_is_no_author() -> None:
    meta = '<meta name="author" content="Sadiq Mammadov">'

    assert makers_of(f"{meta}<p>{LONG}</p>") == ()
    assert makers_of(f"{meta}<p>{LONG}</p><p>Sadiq Mammadov</p>") == ("Sadiq Mammadov",)


def test_a_byline_among_several_is_nobodys() -> None:
    one = '<div class="author">Anna Petrosyan</div>'

    assert makers_of(one) == ("Anna Petrosyan",)
    assert makers_of(f'{one}<div class="author">Leyla Mammadova</div>') == ()


@pytest.mark.parametrize(
    ("line", "place"),
    [("Ankara", "Ankara"), ("BAKU", "Baku"), ("Anna Petrosyan, Ереван", "Ереван"),
     ("Associated Press in Valencia", "Valencia"),
     ("Anna Petrosyan in Valencia", None), ("Politics", None), ("News, Ankara", None)],
)  # fmt: skip
def test_a_city_beside_the_byline_is_the_place(line: str, place: str | None) -> None:
    tree = parse_tree("<p>x</p>")
    assert tree is not None

    assert find_makers(read_structured(tree, ""), tree, not_people=(), beside=(line,)).place == place


def test_a_name_in_a_list_of_authors_and_one_behind_a_label_are_found() -> None:
    assert makers_of('<ul class="metaInfoAuthorList"><li>Anna Petrosyan</li></ul>') == ("Anna Petrosyan",)
    assert makers_of("<p>x</p>", beside=("von Anna Petrosyan",)) == ("Anna Petrosyan",)


def test_a_name_beside_the_date_and_the_feeds_word_count_last() -> None:
    assert makers_of("<p>x</p>", beside=("Sehernur Karsu | 05.04.2025",)) == ("Sehernur Karsu",)
    assert makers_of("<p>x</p>", feed=("Anna Petrosyan", "Anna Petrosyan", "Newsroom")) == ("Anna Petrosyan",)


@pytest.mark.parametrize(
    "name", ["TASS", "тасс", "«Интерфакс»", "INTERFAX.RU", "ИА REGNUM", "Azatutyun.am", "Anadolu Ajansı"]
)
def test_agencies_are_known_in_every_dress(name: str) -> None:
    assert is_agency(name)


@pytest.mark.parametrize(
    "furniture",
    ["Related links: two other stories", "Читайте также: другая новость", "Կարդացեք նաև", "Həmçinin oxu", "Abone ol",
     "Photo: AFP", "Share this article", "11:30 04.01.2012", "28 ноября 2011 г.",
     "The post Talks appeared first on Asbarez.com."],
)  # fmt: skip
def test_furniture_is_taken_out(furniture: str) -> None:
    assert clean_paragraphs([LONG, furniture], title="Talks") == (LONG,)


@pytest.mark.parametrize(
    ("line", "stays"),
    [
        ("При использовании материалов сайта ссылка на него обязательна.", False),
        ("При этом использование таких боеприпасов запрещено международным правом.", True),
        ("Администрация сайта не несёт ответственности за комментарии.", False),
        ("Администрация президента не несёт ответственности за эти слова, сказал он.", True),
        ("Use of the materials is allowed with a hyperlink to the page.", False),
        ("Use of radioactive materials is prohibited by the treaty of the year before.", True),
        ("All comments will be moderated before they are shown.", False),
        ("The comments angered moderate members of both parties in the house.", True),
        ("Follow Example News on Telegram to hear of it first.", False),
        ("Մեջբերումներ անելիս հղումը պարտադիր է։", False),
        ("Materialdan istifadə edərkən istinad mütləqdir.", False),
    ],
)
def test_terms_and_appeals_go_and_sentences_like_them_stay(line: str, *, stays: bool) -> None:
    assert clean_paragraphs([LONG, line], title="Talks") == ((LONG, line) if stays else (LONG,))


def test_captions_titles_and_repeats_are_taken_out() -> None:
    caption = "Ministers at the table in Geneva"

    found = clean_paragraphs(
        ["Ministers talk", caption, LONG, f"{caption}.", LONG], title="Ministers talk", captions=[caption]
    )

    assert found == (LONG,)


def test_comment_rules_end_the_text() -> None:
    assert clean_paragraphs([LONG, "Discussion Policy", "Comments are moderated by us."], title="x") == (LONG,)
    assert clean_paragraphs(["Discussion Policy", LONG], title="x") == ("Discussion Policy", LONG)


def test_a_paragraph_that_the_outlet_repeats_everywhere_is_taken_out() -> None:
    slogan = "The outlet reserves all rights to its texts and pictures."
    learnt = frozenset({paragraph_hash("the outlet reserves  all rights to its texts and pictures")})

    assert clean_paragraphs([LONG, slogan], title="x", boilerplate=learnt) == (LONG,)


def test_captions_are_what_images_are_labelled_with() -> None:
    tree = parse_tree(
        '<img alt="A table"><figure><figcaption>The hall</figcaption></figure><p class="wp-caption-text">A door</p>'
    )
    assert tree is not None

    assert find_captions(tree) == ("A table", "The hall", "A door")


@pytest.mark.parametrize(
    ("text", "language", "script"),
    [
        ("Prezident İlham Əliyev Xankəndidə bayraq ucaldıb", "az", "Latn"),
        ("Cumhurbaşkanı Erdoğan bugün Ankara'da açıklama yaptı", "tr", "Latn"),
        ("Нагорный Карабах: стороны обсудили возвращение", "ru", "Cyrl"),
        ("Լեռնային Ղարաբաղի հարցով հանդիպում է տեղի ունեցել", "hy", "Armn"),
        ("პრეზიდენტმა მთიანი ყარაბაღის შესახებ ისაუბრა", "ka", "Geor"),
        ("رئیس جمهور درباره قره باغ با وزیر خارجه گفتگو کرد", "fa", "Arab"),
    ],
    ids=["az", "tr", "ru", "hy", "ka", "fa"],
)
def test_the_text_itself_tells_its_language(text: str, language: str, script: str) -> None:
    assert find_language(text, declared="en") == (language, "text")
    assert find_script(text) == script


def test_a_short_text_takes_what_is_declared_or_usual() -> None:
    assert find_language("Talks", declared="az_AZ") == ("az", "declared")
    assert find_language("Talks", declared="xx", usual=["tr", "ru"]) == ("tr", "source")
    assert find_language("1:0", declared=None, usual=["az", "ru"]) == ("und", "none")


def test_a_stray_byte_does_not_make_a_page_something_else() -> None:
    html = ("Президент России Владимир Путин " * 20).encode() + b"\xff"

    assert decode_page(html, "text/html; charset=windows-1251").startswith("Президент России")


@given(st.text(max_size=60), st.text(max_size=200))
def test_white_space_never_changes_the_hash(title: str, body: str) -> None:
    assert content_hash(title, None, body) == content_hash(f" {title}\n", None, "\n\n".join(body.split()))


def test_tags_are_split_and_told_once() -> None:
    assert distinct(["Karabakh, talks", "#Talks", "", "x" * 200]) == ("Karabakh", "talks")
