"""Answers in the instances of repeating groups.

The answers of a form are `{linkId: [answer, ...]}`. A group that repeats may stand among them with its instances, each
with answers of its own: `{"children": [{"answers": {"name": [...]}}, {"answers": {"name": [...]}}]}`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Answers = Mapping[str, list[dict[str, Any]]]


def instances(answers: Answers, link_id: str) -> list[Answers]:
    """The answers of each instance of a repeating group; none where the group is not written so."""
    return [part["answers"] for part in answers.get(link_id, []) if isinstance(part.get("answers"), dict)]


def flat(answers: Answers, repeating: Iterable[str]) -> Answers:
    """The answers with those of all instances put together, as conditions outside of the groups see them."""
    groups = [link_id for link_id in repeating if link_id in answers]
    if not groups:
        return answers
    found = {link_id: list(given) for link_id, given in answers.items() if link_id not in groups}
    waiting = [one for link_id in groups for one in reversed(instances(answers, link_id))]
    repeated = set(repeating)
    while waiting:
        for link_id, given in waiting.pop().items():
            if link_id in repeated:
                waiting += reversed(instances({link_id: given}, link_id))
            else:
                found.setdefault(link_id, []).extend(given)
    return found
