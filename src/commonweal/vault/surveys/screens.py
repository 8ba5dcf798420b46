"""The screens of a survey: one for each group of questions, long groups in several, always parted at the same places.

A screen holds about ten questions. One that is asked only after another answer counts less, because most people never
see it; it stays with the question that it follows from, and words stand with the question that they lead to.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from commonweal.r4.questionnaire import Item, Questionnaire

FULL, CROWDED = 10.0, 16.0  # questions; more than the second only where they hang together
SELDOM = 0.4  # of a question that not everybody is asked


class Screen(NamedTuple):
    """`items` in document order, headings of groups among them; `part` of `parts` of the top-level group `link_id`."""

    link_id: str
    words: dict[str, str]
    items: tuple[Item, ...]
    part: int
    parts: int

    def title(self, language: str = "en") -> str:
        return self.words.get(language) or self.words.get("") or ""


@lru_cache(maxsize=64)
def screens_of(form: Questionnaire) -> tuple[Screen, ...]:
    found: list[Screen] = []
    for page in form.pages():
        top = form.items[page.linkId]
        words = page.words if top.type == "group" else {}
        blocks = list(_blocks(form, top)) if top.type == "group" else [list(page.items)]
        parts = _packed(blocks)
        found += [Screen(page.linkId, words, tuple(part), n, len(parts)) for n, part in enumerate(parts, 1)]
    return tuple(found)


def _blocks(form: Questionnaire, group: Item) -> Iterator[list[Item]]:
    """What is not parted: a question with all under it, a group that is not too long; of a longer one, its parts."""
    for link_id in group.children:
        item = form.items[link_id]
        below = [item, *form.under(link_id)]
        if item.type == "group" and not item.repeats and _weight(below) > FULL:
            for place, block in enumerate(_blocks(form, item)):
                yield [item, *block] if place == 0 else block
        else:
            yield below


def _packed(blocks: list[list[Item]]) -> list[list[Item]]:
    parts: list[list[Item]] = [[]]
    weight = 0.0
    for block in blocks:
        more = _weight(block)
        glued = not any(item.asks for item in parts[-1]) or _follows(block, parts[-1])
        if weight + more > (CROWDED if glued else FULL) and any(item.asks for item in parts[-1]):
            parts.append(_leading(parts[-1]))
            weight = 0.0
        parts[-1] += block
        weight += more
    return [part for part in parts if part]


def _leading(part: list[Item]) -> list[Item]:
    """Words and headings at the end of a part: they belong to what comes next."""
    moved: list[Item] = []
    while part and not part[-1].asks:
        moved.insert(0, part.pop())
    return moved


def _weight(items: list[Item]) -> float:
    first = items[0].link_id if items else ""
    return sum(SELDOM if _seldom(item, first) else 1.0 for item in items if item.asks)


def _seldom(item: Item, first: str) -> bool:
    return bool(item.enable_when)


def _follows(block: list[Item], part: list[Item]) -> bool:
    here = {item.link_id for item in part}
    return any(condition.question in here for item in block for condition in item.enable_when)
