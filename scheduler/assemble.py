"""From a configuration to the parts that run: topic, catalogue, rules, channels, hub settings. For every command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from alerts.freshness import FreshnessLimits
from alerts.rules import (
    ChannelSpec,
    Rule,
    RuleSpec,
    SourceRule,
    SpecErrors,
    compile_rules,
    compile_source_rules,
)
from scheduler.config import Config, folder_of
from scheduler.config_file import LoadedConfig
from scheduler.config_place import ConfigError
from topic import Topic, load
from topic.errors import TopicErrors

if TYPE_CHECKING:
    from alerts.channels import Channel
    from crawler.catalogue import Catalogue, OwnSource
    from crawler.settings import HubSettings
    from storage.records import SourceRow

T = TypeVar("T")

NO_CONTACT = (
    "fetching.contact is empty: outlets cannot tell whom to turn to; set it to an e-mail address or page of yours"
)


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Parts:
    """What a configuration comes to before anything runs; making it raises ConfigError with every mistake at once."""

    loaded: LoadedConfig
    topic: Topic
    catalogue: Catalogue
    sources: tuple[SourceRow, ...]
    rules: tuple[Rule, ...]
    source_rules: tuple[SourceRule, ...]
    channels: Mapping[str, Channel]
    limits: FreshnessLimits
    hub: HubSettings

    @property
    def config(self) -> Config:
        return self.loaded.values


def assemble(loaded: LoadedConfig, now: datetime) -> Parts:
    from alerts.channels import open_channels
    from crawler.catalogue import CatalogueError, load_catalogue
    from scheduler.timetable import schedule_mistakes

    values, chosen = loaded.values, loaded.values.sources
    where = f"{loaded.path or 'configuration'}: "
    mistakes = [f"{where}{one}" for one in schedule_mistakes(values.schedule)]

    def kept(make: Callable[[], T], prefix: str = where) -> T | None:
        """Keeps a part's mistakes, so that those of the next are reported with them."""
        try:
            return make()
        except (CatalogueError, TopicErrors, SpecErrors) as error:
            mistakes.extend(f"{prefix}{one}" for one in error.mistakes)
        except ValueError as error:
            mistakes.append(f"{prefix}{error}")
        return None

    # A folder's own files are named by its own sentences.
    topic = kept(lambda: load(folder_of(values.topic, loaded.base)), "")
    shipped = kept(lambda: load_catalogue(folder_of(values.catalogue, loaded.base)), "")
    catalogue = shipped and kept(lambda: shipped.with_own(own_sources(values)))
    sources = None
    if catalogue is not None:
        sources = kept(lambda: catalogue.source_rows(on=chosen.on, off=chosen.off, only=chosen.only))
    rules = kept(lambda: compile_rules(rule_specs(values), now=now, topic=topic))
    known = {name for one in catalogue.sources for name in (one.id, one.outlet)} if catalogue else None
    source_rules = kept(lambda: compile_source_rules(rule_specs(values), known))
    channels = kept(lambda: open_channels(channel_specs(values)))
    hub = kept(lambda: hub_settings(loaded))
    if mistakes or not (topic and catalogue and hub) or sources is None or channels is None:
        raise ConfigError(mistakes)
    assert rules is not None, "what was not made has left a mistake"
    assert source_rules is not None
    limits = FreshnessLimits(
        first_poll=timedelta(hours=values.alerting.first_poll_hours),
        later=timedelta(hours=values.alerting.later_hours),
    )
    return Parts(loaded, topic, catalogue, sources, rules, source_rules, channels, limits, hub)


def own_sources(values: Config) -> tuple[OwnSource, ...]:
    from crawler.catalogue import OwnSource
    from storage.records import Route

    return tuple(
        OwnSource(
            id=one.id,
            url=one.url,
            kind=one.kind,
            outlet=one.outlet or one.id,
            name=one.name,
            side=one.side,
            languages=one.languages,
            zone=one.zone,
            options=one.options,
            routes=tuple(
                Route(
                    kind=way.kind,
                    url=way.url,
                    user_agent=way.user_agent or None,
                    options=way.options,
                    mirror_of=way.mirror_of or None,
                )
                for way in one.routes
            ),
        )
        for one in values.sources.own
    )


def rule_specs(values: Config) -> tuple[RuleSpec, ...]:
    return tuple(
        RuleSpec(
            name=one.name,
            query=one.query,
            channels=one.channels,
            relevant_only=one.relevant_only,
            on=one.on,
            sources=one.sources,
        )
        for one in values.alerts
    )


def channel_specs(values: Config) -> tuple[ChannelSpec, ...]:
    return tuple(ChannelSpec(name=one.name, kind=one.kind, url=one.url, secret=one.secret) for one in values.channels)


def hub_settings(loaded: LoadedConfig) -> HubSettings:
    """Raises ValueError for a [network] that reaches past loopback. Runs over one database share the turns of sites."""
    from importlib.metadata import version

    from crawler.guard import GuardRules
    from crawler.settings import HubSettings, user_agent

    values, database = loaded.values, loaded.database
    fetching = values.fetching
    return HubSettings(
        user_agent=user_agent(version("karabakh-monitor"), fetching.contact),
        delay_seconds=fetching.delay_seconds,
        per_site=fetching.per_site,
        concurrency=fetching.concurrency,
        obey_robots=fetching.obey_robots,
        slots_folder=database.with_name(f"{database.name}.sites"),
        per_site_daily=fetching.per_site_daily,
        guard=GuardRules(loopback=values.network.loopback, static_hosts=values.network.static_hosts),
    )


Clock = Callable[[], datetime]
