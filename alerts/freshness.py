"""Which notices are too old to send: nobody wants the archive of a source on the day it is added. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.article import StoredArticle

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FreshnessLimits:
    """`first_poll` holds for what the first successful poll of a source brought, `later` for everything else."""

    first_poll: timedelta
    later: timedelta


def held_back(article: StoredArticle, limits: FreshnessLimits, now: datetime) -> str | None:
    """Why a notice of `article` is recorded but not sent; None: it is sent.

    Where the page leaves the moment in doubt, the first poll holds back, since a flood threatens, and later ones tell,
    since a miss is worse: a date without an hour counts as its first minute or its last, and no date at all as old or
    as the moment the story was first seen. What an archive shows is history, however young it is. The sentences hold
    no ages, so that equal reasons can be counted together.
    """
    if article.first_poll:
        if article.warc is not None:
            return "read from a saved page"
        if article.published is None:
            return "first poll of its source, and undated"
        if now - article.published > limits.first_poll:
            return f"first poll of its source, and older than {hours(limits.first_poll)}"
        return None
    if article.published is None:
        old = now - article.first_seen > limits.later
        return f"undated, and first seen more than {hours(limits.later)} before" if old else None
    latest = article.published + (DAY if article.published_precision == "day" else timedelta())
    return f"older than {hours(limits.later)}" if now - latest > limits.later else None


def hours(span: timedelta) -> str:
    return f"{span / timedelta(hours=1):g} h"
