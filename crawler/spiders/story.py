"""What an operator's spider yields, and the check of it: a wrong item is a sentence that names spider and key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from itemadapter import ItemAdapter

LONGEST_TEXT = 8 << 20  # characters of one value; what the hub takes as one page


class WrongItem(ValueError):
    """The text completes a sentence that names the spider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story that a spider has found; a plain dict with these keys does as well.

    `link` is absolute. `summary` is plain text. With `html`, the whole page, the page is not asked for again; `body`,
    the text as HTML or plain, stands in when the page cannot be had. Times are datetimes (a naive one is of the
    outlet's zone) or texts in any form that the monitor reads.
    """

    link: str
    title: str
    summary: str = ""
    body: str = ""
    html: str = ""
    published: datetime | str | None = None
    updated: datetime | str | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str | None = None


def plain_story(item: object) -> dict[str, Any]:
    """`item` as what JSON can carry; raises WrongItem."""
    try:
        given = dict(ItemAdapter(item))
    except TypeError:
        raise WrongItem(f"gave {_a(item)} where a Story or a dict of its keys is expected") from None
    for key in given:
        if key not in _CHECKS:
            raise WrongItem(f"gave an item with the key {str(key)[:60]!r}, which a Story does not have")
    for key in ("link", "title"):
        if not given.get(key):
            raise WrongItem(f"gave an item without {key!r}")
    plain = {key: _CHECKS[key](key, value) for key, value in given.items() if value is not None}
    if urlsplit(plain["link"]).scheme not in {"http", "https"}:
        raise WrongItem(f"gave an item whose 'link' does not begin with http:// or https://: {plain['link'][:80]!r}")
    return plain


def _text(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise WrongItem(f"gave an item whose {key!r} is {_a(value)} where a text is expected")
    if len(value) > LONGEST_TEXT:
        raise WrongItem(f"gave an item whose {key!r} is longer than {LONGEST_TEXT} characters")
    return value


def _time(key: str, value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if not isinstance(value, str):
        raise WrongItem(f"gave an item whose {key!r} is {_a(value)} where a datetime or a text is expected")
    return value


def _texts(key: str, value: object) -> list[str]:
    if not isinstance(value, list | tuple):
        raise WrongItem(f"gave an item whose {key!r} is {_a(value)} where a list of texts is expected")
    return [_text(key, one) for one in value]


def _a(value: object) -> str:
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


_BY_TYPE: Mapping[str, Callable[[str, object], Any]] = {"datetime": _time, "tuple": _texts, "str": _text}
_CHECKS = {one.name: next(check for kind, check in _BY_TYPE.items() if kind in str(one.type)) for one in fields(Story)}
