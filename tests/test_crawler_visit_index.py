"""An index of sitemaps is followed to the newest list of stories, at every poll anew."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from crawler.visit import Visit
from scheduler.newsroom.server import Answer, Asked
from tests.desk import Desk, Site, source_row

INDEX = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>http://news.test/feed/old.xml</loc><lastmod>2026-10-01</lastmod></sitemap>
<sitemap><loc>http://news.test/feed/new.xml</loc><lastmod>2026-11-24</lastmod></sitemap></sitemapindex>"""
ITEM = """<url><loc>http://news.test{path}</loc><news:news><news:title>{title}</news:title>
<news:publication_date>2026-11-24T09:00:00Z</news:publication_date></news:news></url>"""
LIST = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{items}</urlset>"""


@dataclass
class Indexed(Site):
    """`broken` answers instead of the list."""

    broken: Answer | None = field(default=None)

    def __call__(self, asked: Asked) -> Answer:
        if asked.path == "/feed":
            return _xml(INDEX, "index")
        if asked.path == "/feed/new.xml":
            items = "".join(ITEM.format(path=path, title=title) for path, title in self.titles.items())
            return self.broken or _xml(LIST.format(items=items), str(len(self.titles)))
        return super().__call__(asked)


def _xml(text: str, tag: str) -> Answer:
    return Answer(200, text.encode(), {"Content-Type": "application/xml", "ETag": f'"{tag}"'})


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    row = replace(source_row(), kind="sitemap")
    return Desk(tmp_path / "k.sqlite", site=Indexed(), sources=(row,))


def test_the_newest_list_is_read_and_looked_at_again_though_the_index_stays(desk: Desk) -> None:
    first = desk.visit_due()
    asked = desk.asked
    desk.clock.forward(minutes=20)
    same = desk.visit_due()
    desk.site.titles["/3"] = "Talks on the Lachin corridor"
    desk.clock.forward(minutes=20)
    grown = desk.visit_due()

    assert first == [Visit("herald-en", "ok", None, new_entries=2, articles=2)]
    assert asked[:3] == ["/robots.txt", "/feed", "/feed/new.xml"]
    assert same == [Visit("herald-en", "unchanged")]
    assert grown == [Visit("herald-en", "ok", None, new_entries=1, articles=1)]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        pytest.param(Answer(500), "HTTP 500", id="the list fails"),
        pytest.param(_xml(INDEX, "x"), "leads to no list of stories", id="the list is an index again"),
    ],
)
def test_a_list_that_cannot_be_had_is_a_failure_of_the_source(desk: Desk, answer: Answer, problem: str) -> None:
    assert isinstance(desk.site, Indexed)
    desk.site.broken = answer
    (done,) = desk.visit_due()

    assert done.outcome == "failed"
    assert problem in (done.problem or "")
