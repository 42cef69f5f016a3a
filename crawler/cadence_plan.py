"""The best moments to ask one source, when a poll costs a price and each story a step of delay one. Exact, pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate


def plan(expected: Sequence[float], price: float, *, shortest: int, longest: int, most: float) -> list[int]:
    """For a poll at each step the step of the next one; len(expected) stands for the end, where a poll is free.

    `expected`: stories in each step. Gaps are between `shortest` and `longest` steps, and none expects more than `most`
    unless the shortest does. Minimises price per poll + steps waited per story.

    With E the stories up to a step and M their moments, waiting from i to j costs j(E[j] - E[i]) - (M[j] - M[i]): for
    each j a straight line in E[i]. The best j is on the lower envelope of these lines; slopes and questions both come
    in order, so that a queue finds it in constant time (the convex hull trick).
    """
    end = len(expected)
    seen = list(accumulate(expected, initial=0.0))
    moments = list(accumulate([(step + 0.5) * value for step, value in enumerate(expected)], initial=0.0))
    following, cost, height = [end] * (end + 1), [0.0] * (end + 1), [0.0] * (end + 1)
    height[end] = end * seen[end] - moments[end]
    lines, first, last = [end] * (end + 2), 0, 0
    for here in range(end - 1, -1, -1):
        at = here + shortest
        if at < end:
            line = height[at] = at * seen[at] - moments[at] + cost[at] + price
            while last > first:
                far, near = lines[last - 1], lines[last]
                if (line - height[far]) * (far - near) > (height[near] - height[far]) * (far - at):
                    break
                last -= 1
            last += 1
            lines[last] = at
        question = seen[here]
        best = lines[first]
        value = height[best] - best * question
        while first < last:
            other = lines[first + 1]
            rival = height[other] - other * question
            if rival > value:
                break
            best, value, first = other, rival, first + 1
        if best - here > longest or seen[best] - question > most:
            allowed = bisect_right(seen, question + most, here, best + 1) - 1
            best = min(end, max(here + shortest, min(best, here + longest, allowed)))
            value = height[best] - best * question
        cost[here] = value + moments[here]
        following[here] = best
    return following
