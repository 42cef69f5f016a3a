"""One address for one page."""

from __future__ import annotations

import csv
import re
import socket
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.urls import absolute, canonical, registrable_domain
from tests.data import shared

SAME = [
    ("host in capitals, default port", "HTTP://News.AM:80/arm/news/615163.html", "https://news.am/arm/news/615163.html"),
    ("default port of https", "https://news.am:443/arm/", "https://news.am/arm/"),
    ("dot at the end of the host", "https://news.am./arm/", "https://news.am/arm/"),
    ("no path", "http://news.am", "https://news.am/"),
    ("http of an old feed", "http://www.regnum.ru/news/1485786.html", "https://regnum.ru/news/1485786.html"),
    ("fragment", "https://tass.ru/moskva/8836033#comments", "https://tass.ru/moskva/8836033"),
    ("empty query", "https://tass.ru/moskva/8836033?", "https://tass.ru/moskva/8836033"),
    ("tracking", "https://apa.az/x?utm_source=rss&UTM_Medium=feed&fbclid=Iw&yclid=1&_openstat=a", "https://apa.az/x"),
    ("referrer", "https://www.mk.ru/politics/a.html?from=rss&ref=twitter", "https://mk.ru/politics/a.html"),
    ("mobile host", "https://m.ria.ru/20200929/karabakh-1577985441.html", "https://ria.ru/20200929/karabakh-1577985441.html"),
    ("mobile www", "http://www.m.ntv.com.tr/dunya/a,1", "https://ntv.com.tr/dunya/a,1"),
    ("AMP host", "https://amp.theguardian.com/world/2024/feb/24/a", "https://theguardian.com/world/2024/feb/24/a"),
    ("AMP at the beginning", "https://www.ntv.com.tr/amp/dunya/a,1", "https://ntv.com.tr/dunya/a,1"),
    ("AMP in the middle", "https://www.bbc.com/news/amp/world-us-canada-52241221", "https://bbc.com/news/world-us-canada-52241221"),
    ("AMP at the end", "https://oc-media.org/features/a/amp/", "https://oc-media.org/features/a/"),
    ("AMP at the end, no slash", "https://jam-news.net/a/amp", "https://jam-news.net/a"),
    ("AMP before the ending", "https://bianet.org/haber/a.amp.html", "https://bianet.org/haber/a.html"),
    ("AMP parameter", "https://hetq.am/en/article/1?amp=1", "https://hetq.am/en/article/1"),
    ("bare AMP parameter", "https://hetq.am/en/article/1?amp", "https://hetq.am/en/article/1"),
    ("dot segments", "https://civil.ge/a/./b/../c/%2e%2e/d", "https://civil.ge/a/d"),
    ("escapes", "https://civil.ge/%7euser/%d5%a1?q=%c3%a9", "https://civil.ge/~user/%D5%A1?q=%C3%A9"),
    ("bare letters", "https://yjc.ir/fa/news/7/دستگیری", "https://yjc.ir/fa/news/7/%D8%AF%D8%B3%D8%AA%DA%AF%DB%8C%D8%B1%DB%8C"),
    ("a stray percent sign and a space", "https://civil.ge/100% sure", "https://civil.ge/100%25%20sure"),
    ("Cyrillic domain", "https://www.Пример.рф/a", "https://xn--e1afmkfd.xn--p1ai/a"),
    ("Armenian domain", "https://հայ.հայ/a", "https://xn--y9a3aq.xn--y9a3aq/a"),
    ("order of parameters", "https://today.az/view.php?b=2&a=1&utm_x=0&b=1", "https://today.az/view.php?a=1&b=2&b=1"),
    ("line break and zero width space", " https://news.am/a\u200b\n/b ", "https://news.am/a/b"),
    ("credentials", "https://reader:secret@news.am/a", "https://news.am/a"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "expected"), [row[1:] for row in SAME], ids=[row[0] for row in SAME])
def test_what_does_not_tell_pages_apart_is_left_out(url: str, expected: str) -> None:
    assert canonical(url) == expected


KEPT = [
    ("the id in a query", "https://interfax.ru/russia/txt.asp?id=224912"),
    ("a parameter with a referrer's name", "https://today.az/archive?from=2020"),
    ("a bare query that is not a list of parameters", "https://today.az/?z/2/a"),
    ("order where not all are name=value", "https://today.az/?showid&b=1&a=2"),
    ("an edition's host", "https://ru.armeniasputnik.am/a"),
    ("a host that begins like a mobile one", "https://med.news.am/a"),
    ("m. before a public suffix", "https://m.co.uk/a"),
    ("www. before a private suffix", "https://www.github.io/a"),
    ("the scheme of a port of its own", "http://news.am:8080/a"),
    ("a slash at the end", "https://evnreport.com/a/"),
    ("a double slash", "https://evnreport.com//a"),
    ("a word that begins with amp", "https://evnreport.com/ampoule/camp"),
    ("an escaped slash", "https://evnreport.com/a%2Fb"),
    ("a page addressed by its fragment", "https://evnreport.com/#!/news/5"),
    ("an IPv6 address", "https://[2001:db8::1]/a"),
]  # fmt: skip


@pytest.mark.parametrize("url", [row[1] for row in KEPT], ids=[row[0] for row in KEPT])
def test_what_may_tell_pages_apart_is_kept(url: str) -> None:
    assert canonical(url) == url


@pytest.mark.parametrize(
    "url",
    ["", "about:blank", "javascript:alert(1)", "mailto:a@news.am", "/arm/news/1", "//news.am/a", "https://", "https://[::1",
     "https://a b/c", "https://news.am:port/", "https://news.am:99999/", "http://" + "m." * 9000 + "am/", "https://ex%41mple.am/",
     "https://xn--\u0561.am/" + "\ud800", "http://" + "ա" * 100 + ".am/"],
)  # fmt: skip
def test_what_is_no_web_address_comes_back_as_it_was(url: str) -> None:
    assert canonical(f" {url}\n") == url


pieces = st.one_of(
    st.text(max_size=6),
    st.sampled_from(
        [*"/.%?&=#!@[]:;~\\ \té", "amp", "/amp/", ".amp", ".html", "..", "%41", "%2e", "%2F", "%25", "a=1"]
    ),
    st.sampled_from(
        ["utm_x=1", "amp=1", "m.", "www.", "amp.", "news.am", "co.uk", ":80", ":8080", "::1", "//", "http://"]
    ),
)
hostile = st.tuples(
    st.sampled_from(["http://", "https://", "http://news.am/", "https://m.news.am/", ""]),
    st.lists(pieces, max_size=9).map("".join),
).map("".join)


@given(hostile)
def test_the_canonical_form_of_a_canonical_form_is_itself(url: str) -> None:
    once = canonical(url)

    assert canonical(once) == once


@given(st.lists(st.sampled_from(["id=1", "page=2", "q=a%20b", "empty="]), unique=True), st.data())
def test_neither_order_nor_tracking_nor_fragment_changes_the_identity(pairs: list[str], data: st.DataObject) -> None:
    plain = canonical("https://news.am/a?" + "&".join(pairs))
    shuffled = data.draw(st.permutations([*pairs, "utm_source=x", "fbclid=y"]))

    assert canonical("http://WWW.news.am:80/a?" + "&".join(shuffled) + "#top") == plain


def test_no_two_addresses_of_the_captured_pages_become_one() -> None:
    with shared("captures/manifest.csv").open(encoding="utf-8", newline="") as file:
        urls = {row["url"] for row in csv.DictReader(file) if urlsplit(row["url"]).scheme in {"http", "https"}}
    assert len(urls) > 30

    assert len({canonical(url) for url in urls}) == len(urls)


# Their AMP pages have paths of their own; only the canonical link in the page brings those together.
OTHER_PATHS = {"khabaronline.ir", "haberturk.com"}


def test_the_amp_twins_that_captured_pages_name_are_the_pages_themselves() -> None:
    twins = {}
    for page in shared("captures").glob("*/*.html"):
        links = re.findall(r"<link[^>]+>", page.read_text(encoding="utf-8", errors="replace"))
        href = {rel: _href_of(links, rel) for rel in ("canonical", "amphtml")}
        if href["canonical"] and href["amphtml"] and registrable_domain(href["canonical"]) not in OTHER_PATHS:
            twins[href["canonical"]] = href["amphtml"]
    assert len(twins) >= 7

    assert [canonical(twin) for twin in twins.values()] == [canonical(page) for page in twins]


def _href_of(links: list[str], rel: str) -> str | None:
    found = (
        re.search(r"""href=["']?(http[^"'\s>]+)""", link) for link in links if re.search(rf"""rel=["']?{rel}\b""", link)
    )
    return next((match[1] for match in found if match), None)


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("https://en.trend.az/azerbaijan/1.html", "trend.az"),
        ("www.bbc.co.uk", "bbc.co.uk"),
        ("news.day.az:443", "day.az"),
        ("azatutyun.github.io", "azatutyun.github.io"),
        ("https://пример.рф/a", "xn--e1afmkfd.xn--p1ai"),
        ("http://127.0.0.1:8000/", "127.0.0.1"),
        ("localhost", "localhost"),
        ("", ""),
        ("https://[::1", ""),
    ],
)
def test_the_registrable_domain_is_what_somebody_registered(given_: str, expected: str) -> None:
    assert registrable_domain(given_) == expected


def test_finding_a_domain_asks_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a look-up")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    assert registrable_domain("https://never.asked.before.example.am/") == "example.am"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("/news/2", "https://news.am/news/2"),
        ("2?a=1", "https://news.am/arm/2?a=1"),
        ("//tert.am/a", "https://tert.am/a"),
        (" \n http://tert.am/\ta ", "http://tert.am/a"),
        ("?page=2", "https://news.am/arm/1?page=2"),
        ("javascript:void(0)", None),
        ("mailto:a@news.am", None),
        ("ftp://news.am/a", None),
        ("data:text/html,a", None),
        ("http://[", None),
        ("http:///a", None),
        ("http://a b/", None),
    ],
)
def test_links_become_web_addresses_or_nothing(link: str, expected: str | None) -> None:
    assert absolute("https://news.am/arm/1", link) == expected


@given(hostile, hostile)
def test_no_link_raises_and_each_leads_to_a_host(base: str, link: str) -> None:
    joined = absolute(base, link)

    assert joined is None or registrable_domain(joined)
