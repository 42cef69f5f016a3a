"""From a configuration to the parts that run: topic, catalogue, database, rules, channels, hub. Shared by every command."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scheduler.config import folder_of
from scheduler.config_file import ConfigError, LoadedConfig

if TYPE_CHECKING:
    from crawler.catalogue import Catalogue

    from topic import Topic

VERSION = "0.1.0"
PROJECT_PAGE = "karabakh-monitor"


def utc_now() -> datetime:
    return datetime.now(UTC)


def load_topic(loaded: LoadedConfig) -> Topic:
    from topic.errors import TopicErrors

    from topic import load

    try:
        return load(folder_of(loaded.values.topic, loaded.base))
    except TopicErrors as error:
        raise ConfigError([str(one) for one in error.mistakes]) from error


def load_outlets(loaded: LoadedConfig) -> Catalogue:
    """The catalogue with the operator's own sources."""
    from crawler.catalogue import CatalogueError, OwnSource, load_catalogue

    try:
        catalogue = load_catalogue(folder_of(loaded.values.catalogue, loaded.base))
        own = tuple(
            OwnSource(
                id=one.id,
                url=one.url,
                kind=one.kind,
                outlet=one.outlet or one.id,
                name=one.name,
                side=one.side,
                languages=one.languages,
                zone=one.zone,
            )
            for one in loaded.values.sources.own
        )
        return catalogue.with_own(own)
    except CatalogueError as error:
        raise ConfigError(list(error.mistakes)) from error
