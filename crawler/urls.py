"""One address for one page: the canonical form under which a story is known, whatever link led to it.

The form is an identity key and a link that a reader opens, so a rule stands here only where it leads to the same page:

- http becomes https on the default ports. No outlet tells two stories at one address by scheme, and old feeds keep
  saying http long after their site has moved. A port of its own keeps its scheme: it speaks only one.
- `www.` goes, and so do `m.`, `mobile.` and `amp.`, where what remains is a site (never a bare public suffix). Outlets
  are typed by their bare names and redirect from them, and many of the catalogue are linked in both ways. The address
  that was fetched is kept beside this one, so a page is never lost through it.
- A cache of AMP pages is undone to the address it caches. AMP marks, tracking parameters (tracking.toml), credentials
  and the fragment go; every other parameter stays (`txt.asp?id=224912`).
- Parameters are sorted by name when all have the form name=value, since servers read those by name; equal names keep
  their order.
- A trailing slash of the path stays as it is: not every server knows both spellings.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

import tldextract

_DEFAULT_PORTS = {"http": 80, "https": 443}
_TWIN_LABELS = ("www.", "m.", "mobile.", "amp.")

_TRACKING = tomllib.loads(Path(__file__).with_name("tracking.toml").read_text(encoding="utf-8"))
_TRACKING_NAMES = frozenset(_TRACKING["names"])
_TRACKING_PREFIXES = tuple(_TRACKING["prefixes"])
_REFERRER_NAMES = frozenset(_TRACKING["referrer_names"])
_REFERRERS = frozenset(_TRACKING["referrers"])

_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PATH_SAFE = "/%:@!$&'()*+,;=~"
_QUERY_SAFE = _PATH_SAFE + "?"
_BARE = re.compile("[A-Za-z0-9._~/=&-]*")  # of most addresses, and as they must be
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
# Longer names no resolver takes (RFC 1035, 2.3.4).
_LONGEST_HOST = 253
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\]")
# Control, zero-width and direction marks, which browsers drop or which only disguise.
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
# A segment of its own, or before the file's ending.
_AMP_PATH = re.compile(r"/amp(?=/|$)|(?<=[^/.])\.amp(?=\.html?$|$)")

# Caches of AMP pages: https://news-test.cdn.ampproject.org/c/s/news.test/story, https://www.google.com/amp/s/news.test/story
_AMP_CACHE = re.compile(
    r"https?://(?:[\w-]+\.cdn\.ampproject\.org/[cvw]|(?:www\.)?google\.[a-z.]{2,6}/amp|[\w-]+\.bing-amp\.com/c)"
    r"/(?P<secure>s/)?(?P<rest>[\w-]+(?:\.[\w-]+)+(?:[/?#].*)?)$",
    re.IGNORECASE | re.DOTALL,
)

_suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def canonical(url: str) -> str:
    """The one form of an http(s) address; what cannot be read as one comes back stripped. Idempotent; never raises."""
    stripped = _without_cache(_INVISIBLE.sub("", url).strip())
    try:
        parts = urlsplit(stripped)
        host = _ascii_host(parts.hostname or "")
        port = parts.port
    except ValueError:
        return stripped
    if parts.scheme not in _DEFAULT_PORTS or not _is_host(host):
        return stripped
    return _assemble(parts, host, port)


def _without_cache(url: str) -> str:
    """The address behind a cache of AMP pages; the "s" in its path stands for https."""
    found = _AMP_CACHE.match(url)
    return f"http{'s' if found['secure'] else ''}://{found['rest']}" if found else url


def _assemble(parts: SplitResult, host: str, port: int | None) -> str:
    if port is None or port == _DEFAULT_PORTS[parts.scheme]:
        scheme, netloc = "https", _without_twin_labels(host)
    else:
        scheme, netloc = parts.scheme, f"{_without_twin_labels(host)}:{port}"
    path = _without_amp(_without_dot_segments(_normal_escapes(parts.path, _PATH_SAFE)))
    query = _identifying(_normal_escapes(parts.query, _QUERY_SAFE))
    # A page addressed by its fragment (#!/news/5) has no other name; all other fragments are places within a page.
    fragment = _normal_escapes(parts.fragment, _QUERY_SAFE) if parts.fragment.startswith("!") else ""
    return urlunsplit((scheme, netloc, path, query, fragment))


def _ascii_host(host: str) -> str:
    host = host.lower().rstrip(".")
    if ":" in host:
        return f"[{host}]"
    return host if host.isascii() else host.encode("idna").decode("ascii")


def _is_host(host: str) -> bool:
    return len(host) <= _LONGEST_HOST and _HOST.fullmatch(host) is not None


@lru_cache(maxsize=4096)
def _without_twin_labels(host: str) -> str:
    for label in _TWIN_LABELS:
        rest = host.removeprefix(label)
        if rest != host and _suffixes(rest).domain and _suffixes(rest).suffix:
            return _without_twin_labels(rest)
    return host


def _normal_escapes(text: str, safe: str) -> str:
    """Escapes in capitals, none where none is needed, one where a character must not stand bare (RFC 3986, 6.2.2)."""
    if _BARE.fullmatch(text):
        return text

    def normal(found: re.Match[str]) -> str:
        if found[1] is None:
            return "%25"
        character = chr(int(found[1], 16))
        return character if character in _UNRESERVED else f"%{found[1].upper()}"

    return quote(_ESCAPE.sub(normal, text), safe=safe, errors="replace")


def _without_dot_segments(path: str) -> str:
    if "/." not in path:
        return path or "/"
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def _without_amp(path: str) -> str:
    """/amp/story, /news/amp/story, /story/amp and /story.amp.html are twins of the same path without the mark."""
    while True:
        shorter = _AMP_PATH.sub("", path) or "/"
        if shorter == path:
            return path
        path = shorter


def _identifying(query: str) -> str:
    pairs = [pair for pair in query.split("&") if pair and not _is_tracking(pair)]
    if all("=" in pair for pair in pairs):
        pairs.sort(key=lambda pair: pair.partition("=")[0])
    return "&".join(pairs)


def _is_tracking(pair: str) -> bool:
    name, _, value = pair.lower().partition("=")
    if name in {"amp", "outputtype"}:
        return value in {"", "1", "true", "amp"}
    if name in _REFERRER_NAMES:
        return value in _REFERRERS
    return name in _TRACKING_NAMES or name.startswith(_TRACKING_PREFIXES)


def registrable_domain(url_or_host: str) -> str:
    """The domain that somebody registered: `en.trend.az` -> `trend.az`, `a.github.io` -> itself.

    Two addresses belong to one site when these are equal. A host without one (an IP address, a local name) stands for
    itself; "" when there is no host. Asks no network: the public suffix list is the one in the tldextract package.
    """
    text = _INVISIBLE.sub("", url_or_host).strip()
    try:
        return _registrable(_ascii_host(urlsplit(text if "//" in text else f"//{text}").hostname or ""))
    except ValueError:
        return ""


@lru_cache(maxsize=4096)
def _registrable(host: str) -> str:
    return _suffixes(host).top_domain_under_public_suffix or host


def absolute(base: str, link: str) -> str | None:
    """`link` as a page or feed at `base` means it, or None where it leads to anything but a host by http or https."""
    try:
        parts = urlsplit(_INVISIBLE.sub("", link).strip())
        if parts.scheme not in _DEFAULT_PORTS or not parts.netloc:
            parts = urlsplit(urljoin(base.strip(), parts.geturl()))
        host = _ascii_host(parts.hostname or "")
    except ValueError:
        return None
    return parts.geturl() if parts.scheme in _DEFAULT_PORTS and _is_host(host) else None
