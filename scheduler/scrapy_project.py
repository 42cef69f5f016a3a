"""The settings that scrapy.cfg names: the sources of the configuration as a Scrapy project.

The configuration is that of `karabakh`: $KARABAKH_CONFIG, else config.toml of this folder, else the defaults.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from crawler.settings import project_settings
from scheduler.assemble import Parts, assemble, utc_now
from scheduler.config_file import load_config
from scheduler.config_place import ConfigError, chosen_path
from scheduler.process import EXIT_CONFIG, EXIT_DATABASE
from storage.errors import StorageError

if TYPE_CHECKING:
    from crawler.engine import Engine


def _parts() -> Parts:
    try:
        return assemble(load_config(chosen_path(None)), utc_now())
    except ConfigError as error:
        print("\n".join(error.mistakes), file=sys.stderr)
        raise SystemExit(EXIT_CONFIG) from None


async def _visit(name: str, engine: Engine, stop: asyncio.Event) -> tuple[str, int]:
    """One pass over one source, as `karabakh crawl NAME` makes it: its summary and exit code."""
    from scheduler.one_pass import PassRequest, crawl

    try:
        result = await crawl(_made, PassRequest(only=frozenset({name})), utc_now, stop, engine)
    except StorageError as error:
        return str(error), EXIT_DATABASE
    said = [f"{source}: {problem}; " for source, problem in sorted(result.tally.failed_sources.items())]
    return "".join(said) + result.line(), result.exit_code


_made = _parts()
globals().update(
    project_settings(
        _made.hub,
        on=[one.id for one in _made.sources if one.enabled],
        known=[one.id for one in _made.sources],
        visit=_visit,
    ),
    DOWNLOAD_TIMEOUT=_made.config.fetching.timeout_seconds,
    DOWNLOAD_MAXSIZE=int(_made.config.fetching.max_megabytes * (1 << 20)),
)
