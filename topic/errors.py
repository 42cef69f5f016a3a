"""What can be wrong with a topic's folder. TopicErrors is the only error that this room raises."""

from __future__ import annotations

from collections.abc import Sequence


class TopicErrors(Exception):
    """A folder that is no topic; `mistakes` has one sentence for each, naming the file and the line, concept or key."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__(" ".join(mistakes))
        self.mistakes = tuple(mistakes)

    def __reduce__(self) -> tuple[type[TopicErrors], tuple[tuple[str, ...]]]:
        # A pool's worker hands its errors over by pickling them; the default would pass the joined sentence.
        return TopicErrors, (self.mistakes,)
