"""What ails a source: by what a poll shows, and by what time alone brings. Pure; docs/alerts.md lists the conditions.

A poll speaks of the first route (blocked, gone, ...), whether or not another one serves meanwhile; only "failing" is of
all routes together. An answer that can be used clears what earlier ones have shown; a failure of another kind says
nothing of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from statistics import median

from crawler.decide import BLOCKED, GONE_TO_BELIEVE
from crawler.decode import decode_page
from crawler.entry import ParsedFeed
from crawler.kinds.page import read_tree
from crawler.refused import refuse_wall
from crawler.silence import learn_calm
from crawler.wire import Fetched, FetchFailure
from storage.ailments import AilmentKind, Sign, SourceFacts, StoryPage
from storage.records import SourceForPoll

# Polls in a row, since one that fails alone passes by itself more often than not.
CONFIRM: dict[AilmentKind, int] = {
    "blocked": 2, "gone": GONE_TO_BELIEVE, "certificate": 2, "wrong-type": 2, "empty": 2, "failing": 3, "slow": 3,
}  # fmt: skip
SHOWN_BY_ANSWERS: tuple[AilmentKind, ...] = ("blocked", "gone", "certificate", "wrong-type", "empty")
STILL: tuple[AilmentKind, ...] = ("silent", "frozen")
NEWS_AGAIN = "it has news again"
WALL_LOOKED_AT = 1 << 16  # bytes of an answer in which a challenge is looked for
CHALLENGE = "it asks the visitor to prove something"

SLOW_FLOOR = 10.0  # seconds; a quicker answer delays nobody's news
SLOW_TIMES = 5.0
LEARNING = 0.1  # of each answer's time in the usual one; what is slow does not count

# A feed that stands still is frozen, and not only silent, when twice the time has passed that is called silence.
FROZEN_TIMES, LEAST_FROZEN = 2.0, timedelta(days=2)

# Twelve stories: their median falls under a quarter of the usual one by chance in one of 16 000 (lengths spread by a
# factor of e).
LATEST_PAGES, LEAST_PAGES = 12, 30
SHORT, NO_LONGER_SHORT = 0.25, 0.5
REFUSED, USUALLY_REFUSED, NO_LONGER_REFUSED = 8, 0.2, 4

GAPS_TOLD = timedelta(days=7)


def signs_of_answer(
    source: SourceForPoll,
    answer: Fetched | FetchFailure,
    parsed: ParsedFeed | None,
    *,
    problem: str | None,
    served_by: str,
) -> Iterator[Sign]:
    """Of the first route. `problem` is None when the answer is of use; `served_by` names the route that serves."""
    if problem is None and isinstance(answer, Fetched):
        yield from (Sign(kind=kind, so=False, seen="it answers again") for kind in SHOWN_BY_ANSWERS)
        yield _slow(source, answer)
        return
    kind = ailment_of(source.kind, answer, parsed)
    if kind != "failing":
        asks = isinstance(answer, Fetched) and is_challenge(answer)
        seen = "; ".join(filter(None, (problem, CHALLENGE if asks else None, served_by)))
        yield Sign(kind=kind, so=True, seen=seen, confirm=CONFIRM[kind])


def failing(problem: str | None, *, good: bool, specific: bool) -> Iterator[Sign]:
    """Of all routes: `good` when one answered, `specific` when the first one's ailment has another name."""
    if good:
        yield Sign(kind="failing", so=False, seen="it answers again")
    elif not specific:
        yield Sign(kind="failing", so=True, seen=problem or "it fails", confirm=CONFIRM["failing"])


def ailment_of(source_kind: str, answer: Fetched | FetchFailure, parsed: ParsedFeed | None) -> AilmentKind:
    """What an answer shows that is of no use. A spider hands over what it found: if not nothing, then a failure."""
    if isinstance(answer, FetchFailure):
        if answer.kind in {"robots", "guard"}:
            return "blocked"
        return "certificate" if answer.kind == "tls" else "slow" if answer.kind == "timeout" else "failing"
    if answer.status in BLOCKED or answer.status == 429 or is_challenge(answer):
        return "blocked"
    if answer.status == 410:
        return "gone"
    if answer.status == 200 and parsed is not None:
        return "empty" if parsed.empty else "failing" if source_kind == "spider" else "wrong-type"
    return "failing"


def is_challenge(answer: Fetched) -> bool:
    """Whether a guard of the site asks the visitor to prove something instead of letting the request through."""
    if answer.headers.get("cf-mitigated", "").lower() == "challenge":
        return True
    if "html" not in answer.headers.get("content-type", "html") or not answer.body:
        return False
    tree = read_tree(decode_page(answer.body[:WALL_LOOKED_AT], answer.headers.get("content-type")))
    if tree is None:
        return False
    shown = " ".join(tree.xpath("//text()[not(parent::script or parent::style)]"))
    return refuse_wall("", " ".join(shown.split()), answer.url) is not None


def moved(source: SourceForPoll, address: str | None) -> Iterator[Sign]:
    """`address` is set in the poll that settles a move."""
    if address is not None:
        yield Sign(kind="moved", so=True, seen=f"{source.address} has moved for good to {address}, which is asked now")


def usual_seconds(usual: float | None, answer: Fetched | FetchFailure) -> float | None:
    """How long a source's answers take, after one more."""
    if not isinstance(answer, Fetched) or answer.seconds is None:
        return usual
    if usual is None:
        return answer.seconds
    return usual if _is_slow(usual, answer.seconds) else usual + LEARNING * (answer.seconds - usual)


def _slow(source: SourceForPoll, answer: Fetched) -> Sign:
    usual, seconds = source.usual_seconds, answer.seconds
    if usual is None or seconds is None or not _is_slow(usual, seconds):
        return Sign(kind="slow", so=False, seen="it answers in its usual time")
    seen = f"the answer took {seconds:.0f} s, usually {usual:.1f} s"
    return Sign(kind="slow", so=True, seen=seen, confirm=CONFIRM["slow"])


def _is_slow(usual: float, seconds: float) -> bool:
    return seconds > max(SLOW_FLOOR, SLOW_TIMES * usual)


def review(facts: SourceFacts) -> Iterator[Sign]:
    """What time alone has brought or ended by the last good poll."""
    if not facts.enabled:
        yield from (Sign(kind=kind, so=False, seen="it was switched off") for kind in facts.ails)
        return
    yield from _silence(facts)
    yield from _layout(facts)
    yield _gap(facts)
    if not facts.moved:
        yield Sign(kind="moved", so=False, seen="the configuration has followed")


def _silence(facts: SourceFacts) -> Iterator[Sign]:
    """Counted up to the last good poll: while a source does not answer, nothing is known of its silence."""
    calm = learn_calm(facts.times) if facts.times else None
    if facts.last_ok is None or facts.last_new is None or calm is None:
        yield from (Sign(kind=kind, so=False, seen=NEWS_AGAIN) for kind in STILL)
        return
    newest, now = facts.times[-1], facts.last_ok
    quiet_since = max(newest, facts.last_new)
    said = f"its longest pause in six weeks was {_span(calm.pause)}"
    if calm.is_passed(quiet_since, now):
        seen = f"nothing new for {_span(now - quiet_since)}; {said}"
        yield Sign(kind="silent", so=True, seen=seen, since=quiet_since)
    else:
        yield Sign(kind="silent", so=False, seen=NEWS_AGAIN)
    if now - newest > LEAST_FROZEN and calm.is_passed(newest, now, times=FROZEN_TIMES):
        seen = f"it answers, but its newest story is {_span(now - newest)} old; {said}{_same(facts)}"
        yield Sign(kind="frozen", so=True, seen=seen, since=newest)
    else:
        yield Sign(kind="frozen", so=False, seen=NEWS_AGAIN)


def _same(facts: SourceFacts) -> str:
    if facts.last_ok is None or facts.same_since is None or facts.last_ok - facts.same_since < LEAST_FROZEN:
        return ""
    return f"; the answer is the same to the byte since {facts.same_since:%Y-%m-%d %H:%M} UTC"


def _layout(facts: SourceFacts) -> Iterator[Sign]:
    """Whether the pages of its stories suddenly give far less text than before, or none."""
    latest, before = facts.pages[:LATEST_PAGES], facts.pages[LATEST_PAGES:]
    if len(before) < LEAST_PAGES:
        return
    refused = [page.refusal for page in latest if page.refusal]
    seldom = sum(page.refusal is not None for page in before) <= USUALLY_REFUSED * len(before)
    if len(refused) >= REFUSED and seldom:
        seen = f"{len(refused)} of its last {len(latest)} pages are no stories: {max(set(refused), key=refused.count)}"
        yield Sign(kind="layout", so=True, seen=seen)
        return
    length, usual = _length(latest), _length(before)
    if length is None or usual is None:
        return
    if length < SHORT * usual:
        seen = f"its last stories have {length:.0f} characters, usually {usual:.0f}"
        yield Sign(kind="layout", so=True, seen=seen)
    elif length >= NO_LONGER_SHORT * usual and len(refused) <= NO_LONGER_REFUSED:
        yield Sign(kind="layout", so=False, seen="its pages are read as before")


def _length(pages: Sequence[StoryPage]) -> float | None:
    lengths = [page.length for page in pages if page.refusal is None]
    return median(lengths) if lengths else None


def _gap(facts: SourceFacts) -> Sign:
    if facts.gap is None:
        return Sign(kind="gap", so=False, seen="no gap of the last week is open (karabakh gaps)")
    span = f"{facts.gap.since:%Y-%m-%d %H:%M} to {facts.gap.until:%Y-%m-%d %H:%M} UTC"
    seen = f"stories from {span} may have been missed: {facts.gap.evidence}"
    return Sign(kind="gap", so=True, seen=seen, since=facts.gap.since)


def _span(time: timedelta) -> str:
    hours = time / timedelta(hours=1)
    if hours < 1:
        return f"{60 * hours:.0f} min"
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} days"
