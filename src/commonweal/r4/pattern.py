"""Regular expressions of forms, matched in a time that grows only with the length of the text.

A form comes from anywhere and a text from anyone: with a matcher that goes back and tries again, a pattern such as
`(a+)+b` holds a server for hours. This one keeps the set of places in the pattern where the text read so far may lead
(Thompson, CACM 11, 1968) and remembers each step from set to set, so that no text makes it try anything twice.
"""

import string
from collections import deque

from commonweal.r4.pattern_syntax import Accepts, Either, Node, One, PatternError, Repeat, Row, read_pattern

MOST_STATES = 5_000
MOST_STEPS = 20_000  # remembered steps; with more, all are forgotten and found again

_LETTERS = string.ascii_letters + string.digits + " -./@:+_,#()"

__all__ = ["Pattern", "PatternError"]


class Pattern:
    """A pattern that a whole text fits or not. Raises PatternError."""

    def __init__(self, text: str) -> None:
        self._tests: list[Accepts | None] = []
        self._next: list[tuple[int, ...]] = []
        end = self._state(None, ())
        self._end = end
        self._start = self._closure((self._build(read_pattern(text), end),))
        self._steps: dict[tuple[frozenset[int], str], frozenset[int]] = {}

    def fits(self, text: str) -> bool:
        """Whether the whole text fits."""
        here = self._start
        for letter in text:
            here = self._step(here, letter)
            if not here:
                return False
        return self._end in here

    def example(self, least: int = 0) -> str | None:
        """A short text that fits, of at least `least` characters if there is one; None where none is found."""
        found, seen, waiting = None, {(self._start, 0)}, deque([(self._start, "")])
        while waiting and len(seen) < MOST_STEPS:
            here, text = waiting.popleft()
            if self._end in here and (found is None or len(text) >= least > len(found)):
                found = text
            if found is not None and len(found) >= least:
                break
            for letter in _LETTERS:
                following = self._step(here, letter)
                place = following, min(len(text) + 1, least)
                if following and place not in seen:
                    seen.add(place)
                    waiting.append((following, text + letter))
        return found

    def _step(self, here: frozenset[int], letter: str) -> frozenset[int]:
        known = self._steps.get((here, letter))
        if known is not None:
            return known
        if len(self._steps) >= MOST_STEPS:
            self._steps.clear()
        tests, following = self._tests, self._next
        reached = [following[state][0] for state in here if (test := tests[state]) is not None and test(letter)]
        found = self._steps[here, letter] = self._closure(tuple(reached))
        return found

    def _closure(self, states: tuple[int, ...]) -> frozenset[int]:
        """All states that these lead to without reading a letter."""
        seen: set[int] = set()
        waiting = list(states)
        while waiting:
            state = waiting.pop()
            if state not in seen:
                seen.add(state)
                if self._tests[state] is None:
                    waiting += self._next[state]
        return frozenset(seen)

    def _state(self, test: Accepts | None, following: tuple[int, ...]) -> int:
        if len(self._tests) >= MOST_STATES:
            raise PatternError("is too large: its repetitions multiply each other")
        self._tests.append(test)
        self._next.append(following)
        return len(self._tests) - 1

    def _build(self, node: Node, then: int) -> int:
        """The state from which `node` is read, going on to `then`."""
        if isinstance(node, One):
            return self._state(node.accepts, (then,))
        if isinstance(node, Row):
            for part in reversed(node.parts):
                then = self._build(part, then)
            return then
        if isinstance(node, Either):
            return self._state(None, tuple(self._build(part, then) for part in node.parts))
        return self._repeat(node, then)

    def _repeat(self, node: Repeat, then: int) -> int:
        if node.most is None:
            again = self._state(None, ())
            self._next[again] = (self._build(node.part, again), then)
            then = again
        for _ in range((node.most or node.least) - node.least):
            then = self._state(None, (self._build(node.part, then), then))
        for _ in range(node.least):
            first = self._build(node.part, then)
            if first == then:
                break  # a part that reads nothing, however often
            then = first
        return then
