"""One address for one page: the canonical form under which a story is known, whatever link led to it.

The form is an identity key and a link that a reader opens, so a rule stands here only if the page it leads to is the same page:

- http becomes https on the default ports. No outlet tells two stories at one address by scheme, and links in old feeds keep
  saying http long after the site has moved. An address with a port of its own keeps its scheme, since that port speaks one.
- `www.` is dropped, and so are `m.`, `mobile.`, `amp.`, where what remains is still a site (never a bare public suffix).
- AMP marks, tracking parameters and the fragment go; every other parameter stays (`txt.asp?id=224912`).
- Parameters are sorted by name when all have the form name=value; repeated names keep their order among themselves.
- A trailing slash stays as it is: not every server knows both spellings.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

import tldextract

_TWIN_LABELS = ("www.", "m.", "mobile.", "amp.")
_DEFAULT_PORTS = {"http": 80, "https": 443}

_TRACKING = re.compile(
    r"""utm_.* | at_(?:medium|campaign|link_.*|format|ptr_name|custom\d|campaign_type|bbc_team) | ns_(?:campaign|mchannel|source|linkname|fee)
    | mtm_.* | pk_(?:campaign|kwd|source|medium|content) | hsa_.* | mc_[ce]id | vero_(?:id|conv) | wt_(?:mc|zmc).* | _hs(?:enc|mi)
    | fbclid | gclid | gclsrc | dclid | gbraid | wbraid | yclid | ysclid | msclkid | twclid | ttclid | li_fat_id | igshid | igsh | epik
    | _ga | _gl | _openstat | _branch_match_id | ref_src | ref_url | traffic_source | cmpid | fb_(?:action_ids|action_types|source|ref)
    | action_(?:object|type|ref)_map | __twitter_impression | phpsessid | jsessionid | replytocom | usqp | amp_js_v | amp_gsa
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Words that also name real parameters: they are tracking only when the value says where the reader came from.
_REFERRER_KEYS = frozenset({"from", "ref", "source", "src", "share", "partner", "emc", "via", "feed", "origin", "rss"})
_REFERRERS = frozenset(
    {
        "rss",
        "feed",
        "twitter",
        "facebook",
        "fb",
        "telegram",
        "tg",
        "vk",
        "whatsapp",
        "email",
        "yandex",
        "yxnews",
        "google",
        "1",
    }
)
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
_PATH_SAFE = "/%:@!$&'()*+,;=~"
_QUERY_SAFE = "/%:@!$&'()*+,;=~?"
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\]")
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
# What Google's AMP caches put before the address of the page itself; s/ says that it is served by https.
_AMP_CACHE = re.compile(
    r"https?://(?:[^/]+\.cdn\.ampproject\.org/[cvi]|www\.google\.[a-z.]+/amp)/(s/)?(?=[^/]+\.)", re.IGNORECASE
)

_suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def canonical(url: str) -> str:
    """The one form of an http(s) address; anything else comes back stripped of white space. Never raises, and is idempotent."""
    stripped = _INVISIBLE.sub("", url).strip()
    unwrapped = _AMP_CACHE.sub(lambda found: "https://" if found[1] else "http://", stripped)
    try:
        parts = urlsplit(unwrapped)
        host = _ascii_host(parts.hostname or "")
        port = parts.port
    except ValueError:
        return stripped
    if parts.scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(host):
        return stripped
    return _assemble(parts, host, port)


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


@lru_cache(maxsize=4096)
def _without_twin_labels(host: str) -> str:
    for label in _TWIN_LABELS:
        rest = host.removeprefix(label)
        if rest != host and _suffixes(rest).domain and _suffixes(rest).suffix:
            return _without_twin_labels(rest)
    return host


def _normal_escapes(text: str, safe: str) -> str:
    """Escapes in capitals, none where none is needed, and one for every character that must not stand bare (RFC 3986, 6.2.2)."""

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
    while True:
        shorter = re.sub(r"^/amp/(?=.)|/amp/?$", "/", path)
        shorter = re.sub(r"\.amp(?=\.html?$|$)", "", shorter)
        if shorter == path:
            return path
        path = shorter


def _identifying(query: str) -> str:
    pairs = [pair for pair in query.split("&") if pair and not _is_tracking(pair)]
    if all("=" in pair for pair in pairs):
        pairs.sort(key=lambda pair: pair.partition("=")[0])
    return "&".join(pairs)


def _is_tracking(pair: str) -> bool:
    key, _, value = pair.partition("=")
    key, value = key.lower(), value.lower()
    if key in {"amp", "outputtype"}:
        return value in {"", "1", "true", "amp"}
    return _TRACKING.fullmatch(key) is not None or (key in _REFERRER_KEYS and value in _REFERRERS)


def registrable_domain(url_or_host: str) -> str:
    """The domain that somebody registered: `en.trend.az` -> `trend.az`, `a.github.io` -> itself. Two addresses belong to one
    site when these are equal. A host without one (an IP address, a local name) stands for itself; "" when there is no host."""
    return _registrable(_host_of(url_or_host))


def _host_of(url_or_host: str) -> str:
    text = _INVISIBLE.sub("", url_or_host).strip()
    try:
        return _ascii_host(urlsplit(text if "//" in text else f"//{text}").hostname or "")
    except ValueError:
        return ""


@lru_cache(maxsize=4096)
def _registrable(host: str) -> str:
    return _suffixes(host).top_domain_under_public_suffix or host


def absolute(base: str, link: str) -> str | None:
    """`link` as a page or feed at `base` means it, or None where it leads to anything but http(s)."""
    try:
        joined = urljoin(base.strip(), _INVISIBLE.sub("", link).strip())
        parts = urlsplit(joined)
        host = parts.hostname
    except ValueError:
        return None
    return joined if parts.scheme in _DEFAULT_PORTS and host else None
