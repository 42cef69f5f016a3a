"""Imported by the process from which the pool's workers are forked: what is loaded here they share."""

from __future__ import annotations

import ctypes
import gc

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of malloc.h
KEPT_BY_MALLOC = 128 << 10  # bytes: its own default, fixed by being set


def give_memory_back() -> None:
    """glibc learns from big pages to keep what they took: 187 MB after two hundred pages instead of 151."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for option in (M_TRIM_THRESHOLD, M_MMAP_THRESHOLD):
            mallopt(option, KEPT_BY_MALLOC)


give_memory_back()

import crawler.pool  # noqa: E402, F401
from crawler.language import load_model  # noqa: E402

load_model()
gc.freeze()  # a collection that looks at an object would copy its page
