"""Scrapy's settings, in one place: everything is off that a monitor of hostile pages does not want."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler.guard import PUBLIC_ONLY, GuardRules

AGENT = "karabakh-monitor"  # the name that a robots.txt may address


@dataclass(frozen=True, kw_only=True)
class HubSettings:
    """`delay_seconds` lie between the starts of two requests to one site (a registrable domain), which sees `per_site`
    at once; `concurrency` counts those to all sites. In `slots_folder` runs share the turns of sites, and count up to
    `per_site_daily` requests; without one each keeps its own pace."""

    user_agent: str
    delay_seconds: float = 1.0
    per_site: int = 1
    concurrency: int = 32
    obey_robots: bool = True
    slots_folder: Path | None = None
    per_site_daily: int = 5_000
    guard: GuardRules = field(default=PUBLIC_ONLY)


def user_agent(version: str, contact: str) -> str:
    """One honest name: some outlets refuse agents that pose as a browser without being one."""
    return f"Mozilla/5.0 (compatible; {AGENT}/{version}{f'; +{contact}' if contact else ''})"


def spider_settings(hub: HubSettings) -> Mapping[str, Any]:
    """For a crawler that runs spiders: their requests go through the hub, and each address is asked once in a run."""
    return {
        **scrapy_settings(hub),
        "SPIDER_MIDDLEWARES_BASE": {
            "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": 50,
            "crawler.spiders.door.EndlessOutput": 900,
        },
        "DUPEFILTER_CLASS": "scrapy.dupefilters.RFPDupeFilter",
        "CONCURRENT_REQUESTS": 8,  # of one spider; the hub holds the limits of each host and of all together
    }


def project_settings(hub: HubSettings, *, on: Iterable[str], known: Iterable[str], visit: Any) -> Mapping[str, Any]:
    """For the command `scrapy`. `on` are the names that `scrapy list` shows, `known` those that it can crawl; `visit`
    is `async (name, engine, stop) -> (summary, exit code)`."""
    return {
        **spider_settings(hub),
        "BOT_NAME": AGENT,
        "DOWNLOADER": "crawler.spiders.door.ProjectDoor",
        "SPIDER_LOADER_CLASS": "crawler.spiders.source.SourceLoader",
        "EXTENSIONS_BASE": {"scrapy.extensions.corestats.CoreStats": 0},
        "LOG_ENABLED": True,
        "LOG_LEVEL": "INFO",
        "HUB": hub,
        "SOURCES_ON": tuple(on),
        "SOURCES_KNOWN": tuple(known),
        "SOURCE_VISIT": visit,
    }


def scrapy_settings(hub: HubSettings) -> Mapping[str, Any]:
    return {
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
        "USER_AGENT": hub.user_agent,
        "DOWNLOADER": "crawler.engine.Line",
        "DOWNLOAD_HANDLERS_BASE": dict.fromkeys(("http", "https"), "crawler.bounded.BoundedHandler"),
        # The hub follows redirects and robots.txt itself, each hop past the guard; it unpacks, and keeps the pace.
        # Retries are the caller's. Cookies, credentials, caches and proxies from the environment are not wanted.
        "DOWNLOADER_MIDDLEWARES_BASE": {},
        "SPIDER_MIDDLEWARES_BASE": {},
        # Nothing listens, writes or steers: no telnet, no remote control, no feed exports.
        "EXTENSIONS_BASE": {},
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "COOKIES_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        "HTTPPROXY_ENABLED": False,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_FAIL_ON_DATALOSS": True,
        "DOWNLOAD_MAXSIZE": 8 << 20,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": 30,
        "CONCURRENT_REQUESTS_PER_DOMAIN": hub.per_site,
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
        "LOG_ENABLED": False,
    }
