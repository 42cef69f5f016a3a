"""The command line: `karabakh [--config FILE] COMMAND`. Each command's module is imported only when it is asked for."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from scheduler.config_place import CONFIG_VARIABLE, ConfigError, chosen_path
from scheduler.process import EXIT_CONFIG, EXIT_DATABASE, EXIT_ELSEWHERE, EXIT_USAGE
from storage.errors import DatabaseLocked, StorageError
from storage.query import QueryError

if TYPE_CHECKING:
    from scheduler.config_file import LoadedConfig

_COMMANDS: Mapping[str, tuple[str, str]] = {
    "run": ("scheduler.commands.crawling:run", "Poll, judge, store and alert until told to stop (the daemon)."),
    "crawl": ("scheduler.commands.crawling:crawl", "One pass over what is due, then the end (for cron)."),
    "search": ("scheduler.commands.reading:search", "Find stored stories."),
    "show": ("scheduler.commands.reading:show", "A whole story with its sightings, versions and verdict."),
    "explain": (
        "scheduler.commands.explaining:explain",
        "Why a story is, or is not, about the topic, and which rules fire.",
    ),
    "export": ("scheduler.commands.exporting:export", "Whole stories as JSON lines for other programs."),
    "status": ("scheduler.commands.health:status", "What the monitor has, what is overdue, failing or held back."),
    "backfill": ("scheduler.commands.backfilling:backfill", "Fetch the stories of a time past, by other roads."),
    "replay": ("scheduler.commands.replaying:replay", "Read the stories of pages that were saved in WARC files."),
    "gaps": ("scheduler.commands.completeness:gaps", "What may have been missed, and the ledger by the hour."),
    "sources": ("scheduler.commands.health:sources", "The catalogue of outlets and the health of their sources."),
    "alerts": ("scheduler.commands.alerting:alerts", "Rules, their history, and trying one out."),
    "topic": ("scheduler.commands.topics:topic", "The concepts with all their names, and the groups of them."),
    "judge": ("scheduler.commands.judging:judge", "A verdict for a text of yours."),
    "rejudge": ("scheduler.commands.rejudging:rejudge", "A changed topic over what is stored: show it, then do it."),
    "extract": ("scheduler.commands.extracting:extract", "One page to the article that would be stored."),
    "config": ("scheduler.commands.settings:config", "Check the configuration, or show what holds."),
    "db": ("scheduler.commands.database:db", "The database file: size, checks, backup."),
    "demo": ("scheduler.commands.demo:demo", "Half a minute of the real daemon over a newsroom of our own."),
}


class _Commands(click.Group):
    """Knows the commands by name and imports one when it is used: a search must not load the crawler's libraries."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    help=f"The configuration; else ${CONFIG_VARIABLE}, else config.toml of this folder, else the defaults.",
)
@click.version_option(package_name="karabakh-monitor", message="karabakh-monitor %(version)s")
@click.pass_context
def karabakh(ctx: click.Context, config_path: Path | None) -> None:
    """A news monitor for the Karabakh story: polls outlets of all sides, judges with reasons, stores, alerts, answers.

    Exit codes: 0 all well; 1 some source or delivery failed, a file could not be read to its end, or nothing was found
    under that id; 2 the command line or a query cannot be read; 74 the database cannot be used; 75 another live run
    holds everything that was wanted, or the database; 78 the configuration is wrong.
    """
    ctx.obj = config_path


def configuration(ctx: click.Context) -> LoadedConfig:
    """The configuration of the command's --config; raises ConfigError."""
    from scheduler.config_file import load_config

    return load_config(chosen_path(ctx.find_root().obj))


def main() -> NoReturn:
    """Translates what a user can cause or cure into sentences and exit codes; a bug shows its traceback."""
    try:
        karabakh(prog_name="karabakh")
    except ConfigError as error:
        _say("\n".join(error.mistakes), EXIT_CONFIG)
    except DatabaseLocked as error:
        _say(str(error), EXIT_ELSEWHERE)
    except StorageError as error:
        _say(str(error), EXIT_DATABASE)
    except QueryError as error:
        from scheduler.pointing import pointed

        _say(f"query: {pointed(error)}", EXIT_USAGE)
    except BrokenPipeError:
        # The reader of our output went away (`| head`); Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    sys.exit(0)


def _say(text: str, code: int) -> NoReturn:
    click.echo(text, err=True)
    sys.exit(code)


Decorator = Callable[[Any], Any]


def form_option(*more: str, default: str = "table") -> Decorator:
    """--format and its short form --json, for every command whose output a program may read; `more` are formats that
    only this command has."""
    from scheduler.render import FORMATS

    def decorate(command: Any) -> Any:
        command = click.option(
            "--format",
            "form",
            type=click.Choice((*FORMATS, *more)),
            default=default,
            show_default=True,
            help="How it is printed.",
        )(command)
        return click.option("--json", "form", flag_value="json", help="The same as --format json.")(command)

    return decorate
