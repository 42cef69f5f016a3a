"""The command line as it stands: every command explained, documented, and honest about what is wrong."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from scheduler.cli import karabakh as program
from scheduler.cli import main
from storage import Store
from tests.program import ROOT, karabakh_here

README = (ROOT / "README.md").read_text("utf-8")


def commands(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


ALL = dict(commands(program))


@pytest.mark.parametrize("name", ALL)
def test_every_command_has_help_with_an_example(name: str) -> None:
    shown = CliRunner().invoke(program, [*name.split(), "--help"])

    assert shown.exit_code == 0
    assert re.search(
        rf"Examples?:.*karabakh .*{name.rsplit(maxsplit=1)[-1]}|Examples?:.*\| karabakh {name}", shown.output, re.DOTALL
    )


@pytest.mark.parametrize("name", ALL)
def test_every_command_stands_in_the_readme(name: str) -> None:
    first, _, second = name.partition(" ")

    assert re.search(rf"\| `karabakh {first}\b[^`]*{second}", README)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text('[storage]\npath = "k.sqlite"\n', "utf-8")
    return path


@pytest.mark.parametrize("command", ["search", "show 1", "status", "alerts history", "db check", "db backup"])
def test_without_a_database_one_sentence_says_what_makes_it(config: Path, command: str) -> None:
    done = karabakh_here(config, *command.split())

    assert done.returncode == 74
    assert done.stderr.count("\n") == 1
    assert "k.sqlite" in done.stderr
    assert "karabakh crawl" in done.stderr


def test_a_newer_database_is_left_alone(config: Path) -> None:
    path = config.parent / "k.sqlite"
    Store.open(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE _sqlite_migrations SET name = '999 from the future'")
    before = path.read_bytes()
    done = karabakh_here(config, "status")  # what the sweep over bad states asks of every command

    assert done.returncode == 74
    assert "newer karabakh-monitor" in done.stderr
    assert before == path.read_bytes()


def test_a_locked_database_is_said_and_can_be_tried_again(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = config.parent / "k.sqlite"
    Store.open(path).close()
    impatient = partial(Store.open, busy_seconds=0.05)
    monkeypatch.setattr(Store, "open", impatient)
    monkeypatch.setattr("sys.argv", ["karabakh", "--config", str(config), "alerts", "retry"])
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(SystemExit) as ended:
            main()

    assert ended.value.code == 75
    assert "is locked by another process" in capsys.readouterr().err


def test_every_part_s_mistakes_are_reported_at_once(config: Path) -> None:
    config.write_text(
        """
[sources]
on = ["armenpres"]
[schedule]
backup = "99 * * * *"
[[channels]]
name = "desk"
kind = "webhook"
url = "not an address"
[[alerts]]
name = "broken"
query = "lachin AND ("
channels = ["desk"]
""",
        "utf-8",
    )
    done = karabakh_here(config, "config", "check")
    lines = done.stderr.splitlines()

    assert done.returncode == 78
    assert len(lines) == 4
    assert all(line.startswith(f"{config}: ") for line in lines)
    for part in ("schedule.backup", "armenpres", "channels[0].url", "alerts[0].query: rule 'broken', column 13"):
        assert part in done.stderr


def test_a_name_that_no_source_has_is_a_usage_error(config: Path) -> None:
    done = karabakh_here(config, "crawl", "nobody-at-all")

    assert done.returncode == 2
    assert "'nobody-at-all'" in done.stderr


def test_a_text_from_standard_input_is_judged_with_reasons(config: Path) -> None:
    done = karabakh_here(config, "judge", "-", stdin="Talks on the Lachin corridor resumed\nThe two sides met.")

    assert done.stdout.startswith("relevant")
    assert "because:" in done.stdout


def test_a_saved_page_is_extracted_and_what_is_none_is_refused_by_name(config: Path) -> None:
    page = config.parent / "page.html"
    page.write_text(
        "<html><head><title>A bridge</title></head><body><article><h1>A bridge is mended</h1>"
        + "<p>The bridge over the river was mended on Monday, and the buses run again to the villages.</p>" * 1
        + "<p>Engineers had worked on it for eleven days; the road stays narrow until the spring comes.</p>"
        + "</article></body></html>",
        "utf-8",
    )
    empty = config.parent / "empty.html"
    empty.write_text("<html><body></body></html>", "utf-8")
    done = karabakh_here(config, "extract", str(page), "--url", "https://oragark.com/a-bridge/")
    refused = karabakh_here(config, "extract", str(empty))

    assert '"outlet": "oragark"' in done.stdout
    assert "The bridge over the river" in done.stdout
    assert refused.returncode == 1
    assert refused.stderr.startswith("not an article (")


def test_a_backup_never_overwrites(config: Path) -> None:
    Store.open(config.parent / "k.sqlite").close()
    target = config.parent / "copy.sqlite"
    first = karabakh_here(config, "db", "backup", str(target))
    second = karabakh_here(config, "db", "backup", str(target))

    assert first.returncode == 0
    assert first.stdout.strip() == str(target)
    assert second.returncode != 0
    assert "Traceback" not in second.stderr
    assert str(target) in second.stderr
