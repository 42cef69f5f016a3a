"""Scrapy's settings, in one place: everything is off that a monitor of hostile pages does not want."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crawler.guard import PUBLIC_ONLY, GuardRules


@dataclass(frozen=True, kw_only=True)
class HubSettings:
    """`delay_seconds` between requests to one host must be above 0: at 0 Scrapy does not hold the limit per host."""

    user_agent: str
    delay_seconds: float = 1.0
    per_host: int = 1
    concurrency: int = 32
    obey_robots: bool = True
    guard: GuardRules = field(default=PUBLIC_ONLY)


def user_agent(version: str, contact: str) -> str:
    """One honest name: some outlets refuse agents that pose as a browser without being one."""
    return f"Mozilla/5.0 (compatible; karabakh-monitor/{version}{f'; +{contact}' if contact else ''})"


def scrapy_settings(hub: HubSettings) -> Mapping[str, Any]:
    off = "offsite.OffsiteMiddleware robotstxt.RobotsTxtMiddleware httpauth.HttpAuthMiddleware retry.RetryMiddleware"
    off += " redirect.MetaRefreshMiddleware redirect.RedirectMiddleware cookies.CookiesMiddleware"
    off += " httpproxy.HttpProxyMiddleware httpcache.HttpCacheMiddleware stats.DownloaderStats"
    return {
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
        "USER_AGENT": hub.user_agent,
        "DOWNLOAD_DELAY": max(hub.delay_seconds, 0.001),
        "DOWNLOAD_DELAY_JITTER": 0.2,
        "CONCURRENT_REQUESTS": hub.concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": hub.per_host,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_FAIL_ON_DATALOSS": True,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_HANDLERS": dict.fromkeys(("data", "file", "ftp", "s3")),
        # Redirects and robots.txt are followed by the hub itself, each hop past the guard; retries are the caller's.
        "DOWNLOADER_MIDDLEWARES": {f"scrapy.downloadermiddlewares.{name}": None for name in off.split()},
        "TWISTED_DNS_RESOLVER": "crawler.resolver.GuardedResolver",
        "GUARD_RULES": hub.guard,
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "LOG_ENABLED": False,
        "LOGSTATS_INTERVAL": 0,
        "MEMUSAGE_ENABLED": False,
        "EXTENSIONS": {"scrapy.extensions.logstats.LogStats": None, "scrapy.extensions.corestats.CoreStats": None},
    }
