"""Dates of captured pages and feeds, against what the same page says elsewhere of the same moment."""

from __future__ import annotations

import html
import re
from datetime import UTC, timedelta, tzinfo
from email.utils import parsedate_to_datetime

import pytest

from tests.data import shared
from tests.test_crawler_dates import ISTANBUL, MOSCOW, TEHRAN, read

# A page's visible date and, from the same page, what its markup says of the same moment.
PRINTED_AND_MARKED = [
    ("ukrinform.ru/1716561772", "20.09.2020 23:32", "2020-09-20T23:32:00+03:00", MOSCOW),
    ("kommersant.ru/Kommersant_2025_05_14", "14.05.2025, 20:28", "2025-05-14T20:28:12+03:00", MOSCOW),
    ("khabaronline.ir/1523806243", "۲۹ بهمن ۱۳۹۸ - ۰۶:۵۵", "2020-02-18T03:25:00Z", TEHRAN),
    ("yjc.ir/1602557452", "۱۳۹۹/۰۲/۲۱ - ۱۸:۵۹", "2020-05-10T18:59:01+04:30", TEHRAN),
    ("ria.ru/20120106_029cdb94cdad", "14:26 03/01/2012", "20120103T1426+0400Z", MOSCOW),
    ("ntv.com.tr/NTVTR_2024_04_30", "30.04.2024 - 16:48", "2024-04-30T16:48:00+03:00", ISTANBUL),
    ("ntv.com.tr/NTVTR_2025_11_10", "10.11.2025 17:59", "2025-11-10T17:59:02+03:00", ISTANBUL),
    ("haberturk.com/Haberturk_2024_07_03", "03.07.2024 - 18:57", "2024-07-03T18:57:08+03:00", ISTANBUL),
    ("euronews.com/EuronewsEN_2026_01_06", "06/01/2026 - 13:55 GMT+1", "2026-01-06 13:55:27 +01:00", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("page", "printed", "marked", "zone"), PRINTED_AND_MARKED, ids=[page for page, *_ in PRINTED_AND_MARKED]
)
def test_the_visible_date_of_a_page_is_the_minute_that_its_markup_says(
    page: str, printed: str, marked: str, zone: tzinfo | None
) -> None:
    text = " ".join(
        html.unescape(shared(f"captures/{page}.html").read_text(encoding="utf-8", errors="replace")).split()
    )
    assert printed in text
    assert marked in text

    assert read(printed, zone).instant == read(marked, None).instant.replace(second=0)


@pytest.mark.parametrize("page", ["a1plus.am/1711609490", "news.am/1778318045"])
def test_every_time_element_says_in_its_text_what_it_says_in_its_attribute(page: str) -> None:
    text = shared(f"captures/{page}.html").read_text(encoding="utf-8")
    found = re.findall(r'<time[^>]*datetime="(20[^"]+)"[^>]*>(.*?)</time>', text, re.DOTALL)
    pairs = [(said, " ".join(re.sub(r"<[^>]+>", " ", inner).split())) for said, inner in found]
    assert len(pairs) > 20

    for attribute, shown in filter(lambda pair: pair[1], pairs):
        said = read(attribute, None).instant
        assert read(shown, now=said + timedelta(minutes=30)).instant.replace(second=0) == said.replace(second=0)


@pytest.mark.parametrize("outlet", ["azertag", "apa", "qafqazinfo", "modern", "haqqin"])
def test_every_date_of_a_real_feed_is_read_as_the_mail_standard_reads_it(outlet: str) -> None:
    day = 15 if outlet == "haqqin" else 14
    text = shared(f"captures/{outlet}.az/rss_2026-09-{day}.excerpt.xml").read_text(encoding="utf-8", errors="replace")
    found = re.findall(r"<pubDate>(?:<!\[CDATA\[)?([^<\]]+)", text)
    assert found

    for raw in found:
        assert read(raw, None).instant == parsedate_to_datetime(raw.strip()).astimezone(UTC)
