"""The jobs of `[schedule]`: retention, backups, folding the write-ahead log back."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path

from scheduler.config import KeepConfig
from storage.store import Store

log = logging.getLogger(__name__)

FOR_EVER = timedelta(days=365 * 100)


def apply_retention(store: Store, keep: KeepConfig, now: datetime) -> None:
    dropped = store.drop_old_bodies(relevant=_days(keep.relevant_days), other=_days(keep.other_days), now=now)
    # Called even to keep every poll: it also drops the changes that all steps downstream have handled.
    pruned = store.prune_polls(now - (_days(keep.polls_days) or FOR_EVER))
    log.info("retention: bodies_dropped=%s polls_pruned=%s", dropped, pruned)


def _days(count: int) -> timedelta | None:
    return timedelta(days=count) if count else None


def back_up(store: Store, keep: int, now: datetime) -> Path:
    """A copy beside the database, named by the moment; older ones beyond `keep` go once the new one is there."""
    target = store.path.with_name(f"{store.path.stem}.backup-{now:%Y%m%dT%H%M%SZ}.sqlite")
    store.backup(target)
    copies = sorted(store.path.parent.glob(f"{store.path.stem}.backup-*.sqlite"))
    for old in copies[: max(len(copies) - keep, 0)] if keep else ():
        old.unlink()
    log.info("backup: file=%s", target)
    return target
