"""How things look to a person or a program: tables, JSON, CSV. Fetched text is hostile and leaves here harmless."""

from __future__ import annotations

import csv
import io
import json
import shutil
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from storage.article import StoredArticle
from storage.pages import Page
from storage.text import printable

if TYPE_CHECKING:
    from topic import Topic
    from topic.verdict import Mention

Row = Mapping[str, Any]
FORMATS = ("table", "json", "jsonl", "csv")
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def render(rows: Sequence[Row], columns: Sequence[str], form: str) -> str:
    """Rows as one of FORMATS. The table shows `columns`; the others show every key."""
    if form == "json":
        return json.dumps([_plain(row) for row in rows], ensure_ascii=False, indent=2)
    if form == "jsonl":
        return "\n".join(json.dumps(_plain(row), ensure_ascii=False) for row in rows)
    if form == "csv":
        return _csv(rows, columns)
    return table([[row.get(column) for column in columns] for row in rows], columns)


def table(rows: Iterable[Sequence[Any]], headers: Sequence[str]) -> str:
    """Columns side by side, the last one cut to the terminal's width; whole where there is no terminal."""
    from tabulate import tabulate

    cells = [[_cell(value) for value in row] for row in rows]
    width = shutil.get_terminal_size((0, 0)).columns
    used = sum(max([len(headers[i]), *(_width(row[i]) for row in cells)]) + 2 for i in range(len(headers) - 1))
    for row in cells if width else ():
        row[-1] = _cut(row[-1], max(30, width - used))
    return tabulate(cells, headers=headers, tablefmt="plain", disable_numparse=True)


def _width(text: str) -> int:
    from wcwidth import wcswidth

    return max(wcswidth(text), 0)


def _cut(text: str, room: int) -> str:
    if _width(text) <= room:
        return text
    while text and _width(text) > room - 1:
        text = text[:-1]
    return text.rstrip() + "…"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, tuple | list):
        return printable(", ".join(map(str, value)))
    return printable(str(value))


def _plain(value: Any) -> Any:
    """JSON has escapes for control characters, so that texts stay whole in it."""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value


def _csv(rows: Sequence[Row], columns: Sequence[str]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    keys = list(rows[0]) if rows else list(columns)
    writer.writerow(keys)
    for row in rows:
        writer.writerow([_csv_cell(row.get(key)) for key in keys])
    return out.getvalue().rstrip("\n")


def _csv_cell(value: Any) -> str:
    plain = _plain(value)
    text = (
        "" if plain is None else printable(plain) if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
    )
    return "'" + text if isinstance(plain, str) and text.startswith(_FORMULA_STARTS) else text


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def ago(moment: datetime | None, now: datetime) -> str:
    """A span in the largest unit that fits, for status pages."""
    if moment is None:
        return "never"
    span = now - moment
    future, span = span < timedelta(0), abs(span)
    seconds = int(span.total_seconds())
    steps: tuple[tuple[int, str], ...] = ((86400, "d"), (3600, "h"), (60, "min"))
    text = next((f"{seconds // size} {unit}" for size, unit in steps if seconds >= size), f"{seconds} s")
    return f"in {text}" if future else f"{text} ago"


def story_row(story: StoredArticle) -> dict[str, Any]:
    """One story as search prints it: the same columns as the view `story`."""
    return {
        "id": story.id,
        "published": story.published or story.sort_at,
        "outlet": story.outlet,
        "side": story.side,
        "language": story.language,
        "verdict": story.outcome,
        "title": story.title,
        "url": story.final_url,
        "canonical_url": story.canonical_url,
        "reasons": list(story.reasons),
    }


def names_used(mentions: Sequence[Mention], topic: Topic) -> list[str]:
    """A line for each set of names: "Azerbaijani for Stepanakert / Khankendi, Shushi / Shusha"."""
    from topic.naming import naming_of

    labels = {one.id: one.label for one in topic.concepts}
    places: dict[str, list[str]] = {}
    for place, naming in naming_of(mentions, topic.concepts).items():
        places.setdefault(naming.title().replace(" And ", " and "), []).append(labels[place])
    return [f"{naming} for {', '.join(those)}" for naming, those in sorted(places.items())]


def story_dict(story: StoredArticle) -> dict[str, Any]:
    return {**asdict(story), "relevant": story.relevant}


def story_page(story: StoredArticle, extra: Callable[[], Iterable[str]] = tuple) -> str:
    """A whole article for reading in a terminal."""
    width = min(shutil.get_terminal_size((100, 24)).columns, 100)
    facts = [
        ("id", story.id),
        ("outlet", f"{story.outlet_name} ({story.side})"),
        ("published", _published(story)),
        ("first seen", iso(story.first_seen)),
        ("saved page", f"{story.warc}, of {iso(story.fetched)}" if story.warc else None),
        ("language", story.language),
        ("authors", ", ".join(story.authors)),
        ("dateline", story.dateline),
        ("credit", f"{story.credit.name} ({story.credit.evidence})" if story.credit else None),
        ("verdict", f"{story.outcome}, score {story.score:.2f}"),
        ("why", "; ".join(story.reasons)),
        ("text from", _text_from(story)),
        ("address", story.final_url),
        ("seen in", ", ".join(sorted({sighting.source for sighting in story.sightings}))),
        ("revision", story.revision),
    ]
    lines = [printable(story.title)]
    if story.subtitle:
        lines.append(printable(story.subtitle))
    lines.append("")
    lines += [f"{name:<11} {printable(str(value))}" for name, value in facts if value not in (None, "")]
    lines += list(extra())
    body = story.body or story.summary or ""
    for paragraph in body.split("\n\n"):
        lines += ["", textwrap.fill(printable(paragraph), width)]
    if story.body_dropped:
        lines += ["", f"(the body was dropped on {iso(story.body_dropped)}: retention, see [keep] in config.toml)"]
    return "\n".join(lines)


def page_lines(page: Page) -> list[str]:
    """What became of a story's page since it was first had."""
    following = f"next on {iso(page.next_visit)}" if page.next_visit else "none to come"
    lines = [f"{'looks':<11} {page.visits} so far, {following}"]
    if page.withdrawn and page.missing_since:
        said = printable(page.missing or "")
        lines.append(f"{'withdrawn':<11} since {iso(page.missing_since)} ({said}), last seen {iso(page.seen)}")
    elif page.missing_since:
        lines.append(f"{'missing':<11} since {iso(page.missing_since)}, not confirmed yet; last seen {iso(page.seen)}")
    if page.moved_to and page.moved:
        lines.append(f"{'moved':<11} to {printable(page.moved_to)} on {iso(page.moved)}")
    return lines


def _text_from(story: StoredArticle) -> str:
    sure = "" if story.extraction_confidence is None else f", confidence {story.extraction_confidence:.2f}"
    lost = f", {story.undecoded} characters could not be decoded" if story.undecoded else ""
    read = "" if story.extractor == story.text_source else f" (read by {story.extractor}{sure})"
    return f"{story.text_source}{read}{lost}"


def _published(story: StoredArticle) -> str:
    if story.published is None:
        return "not stated"
    inferred = [name for name, is_so in (("zone", story.zone_inferred), ("year", story.year_inferred)) if is_so]
    note = f", {' and '.join(inferred)} inferred" if inferred else ""
    doubts = {"future": ", where a better source names a day to come", "feed": ", where feed and page name other days"}
    note += doubts.get(story.published_doubt or "", "")
    return f"{iso(story.published)} (to the {story.published_precision}, from {story.published_method}{note})"
