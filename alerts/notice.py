"""A notice of a story, and how any notice reads on a terminal, in a message and to a program. Pure.

Everything an outlet wrote is hostile: a terminal gets no escapes, a messenger no markup, mentions or disguised links.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from alerts.source_notice import SourceNotice, source_lines, source_payload
from storage.article import Precision, StoredArticle
from storage.records import LeasedNotice
from storage.text import printable

PAYLOAD_VERSION = 1  # grows when a key goes or changes its meaning; new keys may come at any time
TITLE_LENGTH = 300  # no headline is longer; a page may claim anything
REASON_LENGTH = 160
REASONS = 6
# What messengers take for markup, mentions or links, and what is shown in its place.
_MARKUP = str.maketrans("<>[]`@*|\\", "‹›()'＠∗¦/")
_URL_MARKUP = {ord(c): f"%{ord(c):02X}" for c in "<>[]()`@*|\\\"' "}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What one rule has to say of one story to one channel. `why` is why the rule matched, `verdict` why the story is
    about the topic; `revision` counts from 1, so that more than 1 means the outlet has changed its story."""

    key: str
    rule: str
    article_id: int
    title: str
    outlet: str
    outlet_name: str
    side: str
    language: str
    published: datetime | None
    published_precision: Precision | None
    first_seen: datetime
    url: str
    revision: int
    why: tuple[str, ...]
    verdict: tuple[str, ...]

    @property
    def changed(self) -> bool:
        return self.revision > 1


AnyNotice = Notice | SourceNotice


def make_notice(article: StoredArticle, leased: LeasedNotice) -> Notice:
    return Notice(
        key=leased.key,
        rule=leased.rule,
        article_id=article.id,
        title=article.title,
        outlet=article.outlet,
        outlet_name=article.outlet_name,
        side=article.side,
        language=article.language,
        published=article.published,
        published_precision=article.published_precision,
        first_seen=article.first_seen,
        url=article.final_url,
        revision=article.revision,
        why=leased.why,
        verdict=article.reasons,
    )


def as_text(notice: AnyNotice) -> str:
    """Four lines and a line break, safe for a terminal."""
    head, *rest = (printable(line) for line in _lines(notice))
    return "\n".join([f"[{printable(notice.rule)}] {head}", *(f"    {line}" for line in rest), ""])


def as_message(notice: AnyNotice) -> tuple[str, str]:
    """(title, body) of plain text without any character that a messenger might take for markup, a mention or a link."""
    title, *lines, url = _lines(notice)
    body = [printable(line).translate(_MARKUP) for line in lines]
    head = f"{notice.rule}: {title}"
    return printable(head).translate(_MARKUP), "\n".join([*body, printable(url).translate(_URL_MARKUP)])


def as_payload(notice: AnyNotice) -> bytes:
    """The JSON object that docs/alerts.md describes, in UTF-8. Its texts are as the outlet wrote them."""
    said = source_payload(notice) if isinstance(notice, SourceNotice) else _story_payload(notice)
    return json.dumps({"version": PAYLOAD_VERSION, **said}, ensure_ascii=False).encode("utf-8", "replace")


def _story_payload(notice: Notice) -> dict[str, Any]:
    return {
        "type": "notice",
        "key": notice.key,
        "rule": notice.rule,
        "why": notice.why,
        "verdict": notice.verdict,
        "article": notice.article_id,
        "title": notice.title,
        "url": notice.url,
        "outlet": notice.outlet,
        "outlet_name": notice.outlet_name,
        "side": notice.side,
        "language": notice.language,
        "published": _iso(notice.published),
        "published_precision": notice.published_precision,
        "first_seen": _iso(notice.first_seen),
        "revision": notice.revision,
        "changed": notice.changed,
    }


def _lines(notice: AnyNotice) -> tuple[str, str, str, str]:
    if isinstance(notice, SourceNotice):
        return source_lines(notice)
    title = _cut(notice.title, TITLE_LENGTH) or "(no title)"
    place = f"{notice.outlet_name} ({notice.side}), {notice.language}, {_when(notice)}"
    if notice.changed:
        place += f", changed (revision {notice.revision})"
    reasons = dict.fromkeys((*notice.why, *notice.verdict))  # the rule and the topic often name the same place
    shown = [_cut(reason, REASON_LENGTH) for reason in reasons][:REASONS]
    more = f"; and {len(reasons) - REASONS} more" if len(reasons) > REASONS else ""
    return title, place, f"why: {'; '.join(shown)}{more}", notice.url


def _when(notice: Notice) -> str:
    if notice.published is None:
        return f"undated, first seen {_clock(notice.first_seen)}"
    if notice.published_precision == "day":
        return f"published {notice.published.astimezone(UTC):%Y-%m-%d}, first seen {_clock(notice.first_seen)}"
    return f"published {_clock(notice.published)}"


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _cut(text: str, length: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
