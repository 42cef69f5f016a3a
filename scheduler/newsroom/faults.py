"""What an outlet answers when something is wrong with it."""

from __future__ import annotations

import gzip

from scheduler.newsroom.press import Fault, Outlet
from scheduler.newsroom.server import Answer

PLAIN = {"Content-Type": "text/plain; charset=utf-8"}
FOR_EVER = 3600.0  # seconds; a server that stops answers at once
TOO_LARGE = 9 << 20  # bytes; the monitor takes 8 MB (fetching.max_megabytes)
BLANK = "<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><div id='app'></div></body></html>\n"


def faulty(fault: Fault, outlet: Outlet, path: str) -> Answer:
    """For the faults that ask nothing of the right answer: all but people, empty and cut."""
    html = {"Content-Type": f"text/html; charset={outlet.declared}"}
    if fault.kind == "blank":
        return Answer(200, BLANK.format(title=outlet.name).encode(outlet.charset), html)
    if fault.kind == "large":
        return Answer(200, b"<!DOCTYPE html><!--" + b" " * TOO_LARGE, html)
    if fault.kind == "loop":
        return Answer(302, b"", {"Location": path})
    if fault.kind == "reset":
        return Answer(reset=True)
    if fault.kind == "silent":
        return Answer(wait=FOR_EVER)
    return Answer(fault.status, b"This is not to be had.\n", {**PLAIN, **fault.headers})


def cut_short(answer: Answer) -> Answer:
    """As a gzip that was broken off half way: its length is right, its end is missing."""
    packed = gzip.compress(answer.body, mtime=0)
    return Answer(200, packed[: len(packed) // 2], {**answer.headers, "Content-Encoding": "gzip"})
