"""What a rule does to a table, written once in a process: it stays the same while what the rule asked of the facts does.

Writing the SQL of a release takes longer than running it on a small program. The parts of a table and the builds of one
process share most of it. A rule is a pure function of its rows' columns, its number and the facts that it reads.
"""

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Any, cast

import ibis.expr.types as ir

from commonweal.curation.rules.base import Facts, Rows, Rule, Step

_KEPT = 4096  # rules over tables; a tier has some 400
_written: "OrderedDict[Any, _Written]" = OrderedDict()


@dataclass(frozen=True)
class _Written:
    heard: dict[str, Any]  # what the rule asked of the facts, and what they said
    steps: tuple[Step, ...]
    table: ir.Table

    def holds(self, facts: Facts) -> bool:
        return all(getattr(facts, name) == said for name, said in self.heard.items())


class _Listening:
    """Facts that note down what they are asked."""

    def __init__(self, facts: Facts) -> None:
        self._facts, self.heard = facts, dict[str, Any]()

    def __getattr__(self, name: str) -> Any:
        self.heard[name] = said = getattr(self._facts, name)
        return said


def applied(rule: Rule, rows: Rows) -> Rows:
    """`rule.apply(rows)`, with what was written for the like of these rows where there is some."""
    key = (rule, rows.number, rows.spec, rows.table.schema())
    known = _written.get(key)
    if known is None or not known.holds(rows.facts):
        known = _written[key] = _write(rule, rows)
    _written.move_to_end(key)
    if len(_written) > _KEPT:
        _written.popitem(last=False)
    return replace(rows, table=known.table, steps=(*rows.steps, *known.steps))


def _write(rule: Rule, rows: Rows) -> _Written:
    facts = _Listening(rows.facts)
    after = rule.apply(replace(rows, facts=cast(Facts, facts), steps=()))
    return _Written(facts.heard, after.steps, after.table)
