"""The operator's choices as frozen values. Units are in the names or the docstrings; `config.toml` documents every key.

Defaults stand here and nowhere else; the shipped `config.toml` is checked against them by a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field
from pydantic.dataclasses import dataclass

STRICT = ConfigDict(strict=True, extra="forbid")
MAX_POLLS_PER_DAY = 1440  # one a minute: no outlet publishes faster than its readers can follow


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("expected an IANA time zone such as Asia/Yerevan or UTC") from None
    return name


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


Zone = Annotated[str, AfterValidator(_known_zone)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)]


@dataclass(frozen=True, config=STRICT)
class StorageConfig:
    path: str = "var/karabakh.sqlite"


@dataclass(frozen=True, config=STRICT)
class FolderConfig:
    """A folder to use instead of the shipped one; empty for the shipped one."""

    folder: str = ""


@dataclass(frozen=True, config=STRICT)
class FetchingConfig:
    contact: Annotated[str, Field(max_length=200, pattern=r"^[\x20-\x7e]*$")] = ""
    polls_per_day: Annotated[int, Field(ge=1, le=86_400)] = 96
    revisits_per_day: Annotated[int, Field(ge=0)] = 2_000
    delay_seconds: Annotated[float, Field(gt=0, le=300)] = 1.0
    per_site: Annotated[int, Field(ge=1, le=8)] = 1
    per_site_daily: Annotated[int, Field(ge=1)] = 5_000
    concurrency: Annotated[int, Field(ge=1, le=256)] = 32
    timeout_seconds: Annotated[float, Field(gt=0, le=300)] = 30.0
    max_megabytes: Annotated[float, Field(gt=0, le=100)] = 8.0
    obey_robots: bool = True
    workers: Annotated[int, Field(ge=0, le=64)] = 0


@dataclass(frozen=True, config=STRICT)
class NetworkConfig:
    """For tests and the demo: host names answered from here, and loopback networks that the guard lets through."""

    static_hosts: Mapping[str, str] = Field(default_factory=dict)
    loopback: tuple[str, ...] = ()


@dataclass(frozen=True, config=STRICT)
class RouteConfig:
    """Another way to the stories of a source, tried when those before it fail."""

    url: str
    kind: str = "feed"
    user_agent: Annotated[str, Field(max_length=200, pattern=r"^[\x20-\x7e]*$")] = ""
    options: Mapping[str, str] = Field(default_factory=dict)
    mirror_of: str = ""


@dataclass(frozen=True, config=STRICT)
class OwnSourceConfig:
    id: Name
    url: str
    kind: str = "feed"
    outlet: Name = ""
    name: str = ""
    side: str = ""
    languages: tuple[str, ...] = ()
    zone: Zone = "UTC"
    options: Mapping[str, str] = Field(default_factory=dict)
    routes: tuple[RouteConfig, ...] = ()


@dataclass(frozen=True, config=STRICT)
class SourcesConfig:
    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    own: tuple[OwnSourceConfig, ...] = ()


@dataclass(frozen=True, config=STRICT)
class KeepConfig:
    """Days; 0 keeps for ever."""

    relevant_days: Annotated[int, Field(ge=0)] = 0
    other_days: Annotated[int, Field(ge=0)] = 30
    polls_days: Annotated[int, Field(ge=0)] = 90
    backups: Annotated[int, Field(ge=0, le=365)] = 4


@dataclass(frozen=True, config=STRICT)
class ScheduleConfig:
    """Cron expressions of five fields, read in `zone`; an empty one switches its job off."""

    zone: Zone = "UTC"
    retention: str = "17 3 * * *"
    backup: str = "41 3 * * 0"
    checkpoint: str = "*/20 * * * *"


@dataclass(frozen=True, config=STRICT)
class AlertingConfig:
    first_poll_hours: Annotated[float, Field(ge=0)] = 6.0
    later_hours: Annotated[float, Field(ge=0)] = 48.0


@dataclass(frozen=True, config=STRICT)
class ChannelConfig:
    name: Name
    kind: Literal["apprise", "webhook", "stdout"]
    url: str = ""
    secret: str = ""


@dataclass(frozen=True, config=STRICT)
class AlertConfig:
    """Either `query` (of stories) or `on` (of sources: names of conditions, a single one without brackets, too)."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    channels: Annotated[tuple[Name, ...], Field(min_length=1)]
    query: str = ""
    relevant_only: bool = True
    on: Annotated[tuple[str, ...], BeforeValidator(_one_or_more)] = ()
    sources: tuple[Name, ...] = ()


@dataclass(frozen=True, config=STRICT)
class Config:
    storage: StorageConfig = Field(default_factory=StorageConfig)
    topic: FolderConfig = Field(default_factory=FolderConfig)
    catalogue: FolderConfig = Field(default_factory=FolderConfig)
    fetching: FetchingConfig = Field(default_factory=FetchingConfig)
    network: NetworkConfig = Field(default_factory=NetworkConfig)
    sources: SourcesConfig = Field(default_factory=SourcesConfig)
    keep: KeepConfig = Field(default_factory=KeepConfig)
    schedule: ScheduleConfig = Field(default_factory=ScheduleConfig)
    alerting: AlertingConfig = Field(default_factory=AlertingConfig)
    channels: tuple[ChannelConfig, ...] = ()
    alerts: tuple[AlertConfig, ...] = ()


SECRET_KEYS = frozenset({"url", "secret"})  # of a channel: shown only as the ${NAME} that the file uses, else masked


def folder_of(config: FolderConfig, base: Path) -> Path | None:
    return (base / config.folder) if config.folder else None
