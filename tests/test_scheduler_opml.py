"""OPML out and in: nothing twice, nothing hostile, and every entry a configuration that loads."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from scheduler.config_file import load_config
from scheduler.opml import LARGEST, NotOpml, Outline, new_ones, own_sources, read_opml
from tests.program import karabakh_here

OTHER = """<?xml version="1.0"?><opml version="1.0"><body>
<outline text="Neighbours">
<outline text="Lori &quot;Herald&quot;" xmlUrl="https://lori-herald.org/feed/" language="hy"/>
<outline text="again" xmlUrl="http://www.lori-herald.org/feed/"/>
<outline title="Kür" xmlUrl="https://kur-post.org/rss"/></outline>
<outline text="a file" xmlUrl="file:///etc/passwd"/><outline text="no feed" htmlUrl="https://kur-post.org"/>
<outline text="\x1b" xmlUrl="https://lori-herald.org/other"/></body></opml>""".replace("\x1b", "&#x202e;reversed")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text('[storage]\npath = "k.sqlite"\n', "utf-8")
    return path


def test_what_goes_out_comes_in_as_nothing_new(config: Path) -> None:
    out = karabakh_here(config, "sources", "export")
    path = config.parent / "feeds.opml"
    path.write_text(out.stdout, "utf-8")
    back = karabakh_here(config, "sources", "import", str(path))

    feeds = etree.fromstring(out.stdout.encode()).findall(".//outline[@xmlUrl]")
    assert len(feeds) > 100
    assert "left out" in out.stderr
    assert (back.returncode, back.stdout, back.stderr) == (0, "", f"0 of {len(feeds)} feeds are new\n")


def test_entries_of_another_reader_become_a_configuration_that_loads(config: Path) -> None:
    path = config.parent / "feeds.opml"
    path.write_text(OTHER, "utf-8")
    done = karabakh_here(config, "sources", "import", str(path), "--lang", "az", "--side", "Azerbaijan")
    config.write_text(config.read_text("utf-8") + done.stdout, "utf-8")
    checked = karabakh_here(config, "config", "check")

    own = load_config(config, {}).values.sources.own
    assert [(one.id, one.url, one.name, one.languages) for one in own] == [
        ("lori-herald-org", "https://lori-herald.org/feed/", 'Lori "Herald"', ("hy",)),
        ("kur-post-org", "https://kur-post.org/rss", "Kür", ("az",)),
        ("lori-herald-org-2", "https://lori-herald.org/other", "reversed", ("az",)),
    ]
    assert "3 of 4 feeds are new" in done.stderr
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b"", "is no OPML"),
        (b"<html><body>no</body></html>", "is no OPML"),
        (b"<opml>" + b" " * LARGEST + b"</opml>", "is larger than 5 MB"),
    ],
)
def test_what_is_no_opml_is_one_sentence(document: bytes, said: str) -> None:
    with pytest.raises(NotOpml, match=said):
        read_opml(document)


def test_entities_reach_no_file_and_grow_into_nothing() -> None:
    bomb = b"""<!DOCTYPE o [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>
    <opml><body><outline text="&b;&f;" xmlUrl="https://lori-herald.org/feed"/></body></opml>"""

    (found,) = read_opml(bomb)

    assert found.url == "https://lori-herald.org/feed"
    assert "root:" not in found.title


def test_a_known_address_is_known_in_other_spellings_too() -> None:
    ones = [
        Outline("http://www.Lori-Herald.org/feed?utm_source=x", "a", ""),
        Outline("https://kur-post.org/rss", "b", ""),
    ]

    assert [one.title for one in new_ones(ones, ["https://lori-herald.org/feed"])] == ["b"]
    assert list(own_sources([], [], side="Armenia", language="hy")) == []
