"""Which outlets write Z behind their own clock, learnt from their latest stories."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

LATEST = 50  # stories of an outlet that are looked at; a site that is mended is believed again after a tenth of them
LEAST = 3  # one story may be chance, and a page that shows another clock beside its title
LEAST_SHARE = 0.8


def utc_means_local(db: sqlite3.Connection, outlet: str) -> bool:
    """By how those moments were read that stories call UTC: `zone_inferred` marks the ones which the feed,
    the hour, the page's visible clock or this very answer showed to be local."""
    rows = db.execute(
        """SELECT zone_inferred FROM
             (SELECT published_raw, published_method, published_precision, zone_inferred FROM article
              WHERE outlet = ? ORDER BY sort_at DESC, id DESC LIMIT ?)
           WHERE published_method IN ('json-ld', 'meta', 'time tag') AND published_precision <> 'day'
             AND (published_raw LIKE '%Z' OR published_raw LIKE '%+00:00' OR published_raw LIKE '%+0000')""",
        (outlet, LATEST),
    )
    return mostly_local([bool(row[0]) for row in rows])


def mostly_local(found_local: Sequence[bool]) -> bool:
    return len(found_local) >= LEAST and sum(found_local) >= LEAST_SHARE * len(found_local)
