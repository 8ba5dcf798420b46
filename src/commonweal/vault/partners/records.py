"""Adding records and finding those that stand: what no later one has taken the place of, and what was no mistake."""

import uuid
from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from commonweal.errors import Refused
from commonweal.vault.partners.models import Record
from commonweal.vault.people.models import Account

Kind = TypeVar("Kind", bound=Record)


class Overtaken(Refused):
    """Somebody else corrected the same record meanwhile."""


def standing(rows: "models.QuerySet[Kind]") -> "models.QuerySet[Kind]":
    """Of these records, those that hold now."""
    later = rows.model._default_manager.filter(supersedes=OuterRef("pk"))
    return rows.filter(~Exists(later), withdrawn=False)


def add(model: type[Kind], *, by: Account, key: str = "", supersedes: Kind | None = None, **fields: Any) -> Kind:
    """Write a record down; the same `key` a second time is the same one. Raises Overtaken."""
    now = timezone.now()
    times = {"event_time": now, "authored_time": now, "received_time": now, "source": "staff"}
    name = f"{model.__name__.lower()}:{key or uuid.uuid4().hex}"[:80]
    try:
        with transaction.atomic():
            made, _new = model.objects.get_or_create(
                idempotency_key=name, defaults={"by": by, "supersedes": supersedes, **times, **fields}
            )
    except IntegrityError:
        raise Overtaken(f"{model.__name__.lower()}: somebody else changed it meanwhile; look at it again") from None
    return made


def correct(record: Kind, *, by: Account, **changes: Any) -> Kind:
    """A later record with these changes, in the place of this one; nothing changed is the same one. Raises Overtaken."""
    kept = {name: getattr(record, name) for name in _own(type(record))}
    if all(kept[name] == value for name, value in changes.items()):
        return record
    return add(type(record), by=by, supersedes=record, **kept | changes)


def _own(model: type[Record]) -> list[str]:
    """The fields of a kind of record that are not those of every record, and `withdrawn`. A UUID stays with its record."""
    common = {"id", "uuid", *(field.name for field in Record._meta.get_fields())} - {"withdrawn"}
    return [field.name for field in model._meta.concrete_fields if field.name not in common]
