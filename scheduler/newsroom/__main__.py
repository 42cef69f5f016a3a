"""Leaves the newsroom open, to point a monitor at it by hand:

python -m scheduler.newsroom --seconds 600 > newsroom.toml      # then: make run CONFIG=newsroom.toml
"""

from __future__ import annotations

import threading

import click

from scheduler.newsroom.fragment import config_fragment
from scheduler.newsroom.many import many
from scheduler.newsroom.newsroom import Newsroom

SETTINGS = """# Polls a newsroom on loopback every five seconds, as no outlet ever should be.
[storage]
path = "var/newsroom.sqlite"

[fetching]
polls_per_day = 17280
delay_seconds = 0.1

"""


@click.command()
@click.option("--seconds", default=600.0, show_default=True, help="How long it stays open.")
@click.option("--outlets", default=0, help="Generate this many outlets instead of the written ones.")
@click.option("--stories", default=40, show_default=True, help="Stories of each generated outlet.")
def main(seconds: float, outlets: int, stories: int) -> None:
    """Open the newsroom on loopback and print a config.toml that polls it."""
    press = many(outlets, stories, within=seconds / 2) if outlets else None
    with Newsroom(press=press) as newsroom:
        click.echo(SETTINGS + config_fragment(newsroom))
        for host, place in newsroom.static_hosts.items():
            click.echo(f"{host} is at http://{place}/", err=True)
        threading.Event().wait(seconds)


if __name__ == "__main__":
    main()
