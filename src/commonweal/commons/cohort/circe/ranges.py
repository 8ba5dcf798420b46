"""Ranges of numbers and dates: an operator with one or two values, as one range of ours or (outside of it) two."""

import re
from datetime import date, timedelta
from typing import Any

from commonweal.commons.cohort.circe.reading import Node

Ranges = list[dict[str, Any]]  # any of them holds
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")


def whole(node: Node) -> Ranges:
    """min and max of whole numbers; Circe cuts the decimals off."""
    return _ranges(node, lambda v: int(v) if isinstance(v, int | float) else None, 1, ("min", "max"))


def number(node: Node) -> Ranges:
    """min, max, above, below of a number; Circe keeps four decimals."""
    found = _ranges(node, lambda v: round(float(v), 4) if isinstance(v, int | float) else None, None, ("min", "max"))
    return [{k: float(v) for k, v in one.items()} for one in found]


def days(node: Node) -> Ranges:
    """from and to."""
    found = _ranges(node, _day, timedelta(1), ("from", "to"))
    return [{k: v.isoformat() for k, v in one.items()} for one in found]


def _day(value: Any) -> date | None:
    match = _DAY.match(value) if isinstance(value, str) else None
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _ranges(node: Node, read: Any, step: Any, names: tuple[str, str]) -> Ranges:
    op = node.get("Op", str, "")
    low, high = names
    values = [read(node.get("Value")), read(node.get("Extent")) if op.endswith("bt") else None]
    if not op.endswith("bt"):
        node.ignore("Extent")
    node.close()
    first, last = values
    if first is None or (op.endswith("bt") and last is None) or isinstance(node.get("Value"), bool):
        node.account.note(node.path, "a range", "its Value or Extent is missing, or is not of the kind expected here")
        return []
    under = {high: first - step} if step is not None else {"below": first}
    over = {low: first + step} if step is not None else {"above": first}
    simple = {"lt": [under], "lte": [{high: first}], "eq": [{low: first, high: first}], "!eq": [under, over],
              "gt": [over], "gte": [{low: first}]}  # fmt: skip
    if op in simple:
        return simple[op]
    if op not in ("bt", "!bt"):
        node.account.note(node.path, "a range", "its operator is not one that Circe knows")
        return []
    if op == "bt":
        if first > last:
            node.account.note(node.path, "a range", "its first end is larger than the second, so nothing lies in it")
            return []
        return [{low: first, high: last}]
    beyond = {low: last + step} if step is not None else {"above": last}
    return [under, beyond]
