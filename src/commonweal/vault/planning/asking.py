"""Asking the program itself where to recruit next: its people, its outreach, its census and a plan file."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.utils import timezone

from commonweal import audit
from commonweal.errors import Refused
from commonweal.ui.context import current_protocol
from commonweal.vault.partners import contacts
from commonweal.vault.planning.answering import Inputs, plan, read_inputs
from commonweal.vault.representation.figures import rounds


def read(path: Path, now: datetime | None = None) -> Inputs:
    """The question of a plan file and all that is known today. BadInput with all that is wrong in the file."""
    now = now or timezone.now()
    rounds.update(now)
    people = rounds.people()
    if people is None:
        raise Refused("figures: another process counts everybody for the first time; ask again when it ends")
    return read_inputs(path, current_protocol(), people, contacts.table(), now.astimezone(UTC).replace(tzinfo=None))


def answer(inputs: Inputs, *, actor: object) -> dict[str, Any]:
    """Where next, as values that any writer of JSON takes; that it was asked stands in the audit log."""
    found: dict[str, Any] = json.loads(json.dumps(plan(inputs), allow_nan=False))
    audit.record("figures.planned", actor=actor, options=len(inputs.case.options), months=inputs.case.months)
    return found
