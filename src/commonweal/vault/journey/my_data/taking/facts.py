"""All facts of one person as tables of plain values: what every kind of file is made from."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import models

from commonweal import duck
from commonweal.r4.questionnaire import answers_of
from commonweal.ui.context import current_protocol
from commonweal.vault.journey.my_data import health
from commonweal.vault.journey.my_data.answers import survey_of
from commonweal.vault.journey.my_data.taking.inventory import NEVER, TAKEN, Taken
from commonweal.vault.journey.used_for import releases_of, studies_of
from commonweal.vault.people.models import Account, Participant
from commonweal.vault.surveys.models import SurveyResponse
from commonweal.vault.wearables import store
from commonweal.vault.wearables.tables import DATED, TABLES

Row = dict[str, Any]
AT_ONCE = 20_000  # rows of a table that are in memory together


@dataclass(frozen=True)
class Table:
    """A table of facts: its columns, and its rows, read each time they are asked for."""

    name: str
    columns: tuple[str, ...]
    read: Callable[[], Iterator[Row]]


def tables(person: Participant) -> list[Table]:
    """Every table, in a fixed order; those of which the person has no row too, for they say that there is none."""
    return [
        *tables_of_models(person),
        _answers(person),
        _records(person),
        *_wearables(person),
        _releases(person),
        _studies(person),
    ]


def tables_of_models(person: Participant) -> list[Table]:
    """The tables whose rows stand in the database as they are."""
    return [_of_model(taken, person) for taken in TAKEN]


def columns_of(taken: Taken) -> list["models.Field[Any, Any]"]:
    """What is taken along of a model: its own columns and what it replaces; no accounts of the staff."""
    model = apps.get_model(taken.model)
    return [f for f in model._meta.concrete_fields if f.name not in NEVER | taken.without and not _of_staff(f)]


def _of_staff(field: "models.Field[Any, Any]") -> bool:
    return field.is_relation and field.related_model is Account


def _of_model(taken: Taken, person: Participant) -> Table:
    fields = columns_of(taken)
    names = ("number", *(_name(field) for field in fields))

    def read() -> Iterator[Row]:
        found = apps.get_model(taken.model)._default_manager.filter(**{taken.path: person.pk}, **taken.keep)
        numbers = {pk: number for number, pk in enumerate(found.order_by("pk").values_list("pk", flat=True), 1)}
        for one in found.order_by("pk").iterator(chunk_size=2000):
            row = {_name(field): _value(one, field, numbers) for field in fields}
            yield {"number": numbers[one.pk]} | row

    return Table(taken.name, names, read)


def _name(field: "models.Field[Any, Any]") -> str:
    return {"supersedes": "replaces"}.get(field.name, field.name)


def _value(one: models.Model, field: "models.Field[Any, Any]", numbers: dict[Any, int]) -> Any:
    value = getattr(one, field.attname)
    if field.name == "supersedes":
        return numbers.get(value)
    if field.is_relation and value is not None:
        related = getattr(one, field.name)
        return str(getattr(related, "uuid", "")) or getattr(related, "code", "") or _when(related)
    return plain(value)


def _when(one: models.Model) -> str:
    """A fact without a public number of its own is named by its moment."""
    return plain(getattr(one, "event_time", None)) or ""


def plain(value: Any) -> Any:
    """A value as CSV and JSON have it: ISO 8601 for times, JSON for lists and objects."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _answers(person: Participant) -> Table:
    """Every answer to every question, in words beside its codes, also of responses that were corrected since."""
    columns = ("response", "survey", "version", "answered_at", "question", "question_text", "answer_code", "answer")

    def read() -> Iterator[Row]:
        protocol = current_protocol()
        for response in SurveyResponse.objects.filter(participant=person).order_by("event_time", "id"):
            survey = survey_of(response, protocol)
            items = survey.questionnaire.items if survey else {}
            told = (str(response.uuid), response.questionnaire, response.version, plain(response.event_time))
            for link, answers in answers_of(json.loads(response.document)).items():
                text = items[link].text(response.language) if link in items else ""
                for answer in answers:
                    yield dict(
                        zip(
                            columns,
                            (*told, link, text, *_said(answer, items.get(link), response.language)),
                            strict=True,
                        )
                    )

    return Table("survey_answers", columns, read)


def _said(answer: Row, item: Any, language: str) -> tuple[str, Any]:
    value = next(iter(answer.values()), None)
    if not isinstance(value, dict):
        return "", plain(value)
    code = str(value.get("code", ""))
    words = {option.code: option.display(language) for option in item.options}.get(code) if item else None
    return code, words or value.get("display") or plain(value)


def _records(person: Participant) -> Table:
    columns = ("resource_type", "resource_id", "part", "site", "status", "category", "code_system", "code", "name", "start",
               "end", "value_number", "value_text", "value_system", "value_code", "value_label", "unit", "reference_low",
               "reference_high", "reference_text", "interpretation")  # fmt: skip

    def read() -> Iterator[Row]:
        for row in health.rows(person, void=True):
            yield {name: plain(row["code_text"] if name == "name" else row[name]) for name in columns}

    return Table("health_records", columns, read)


def _wearables(person: Participant) -> list[Table]:
    return [_wearable(name, person) for name in TABLES]


def _wearable(name: str, person: Participant) -> Table:
    columns = tuple(f.name for f in TABLES[name] if f.name not in ("participant", "submission"))

    def read() -> Iterator[Row]:
        with duck.passing() as con:
            view = store.current(con, settings.COMMONWEAL_HOME, name, participants=[person.pk])
            listed = ", ".join(f'"{column}"' for column in columns)
            found = con.execute(f'SELECT {listed} FROM {view} ORDER BY "{DATED[name]}"')
            while rows := found.fetchmany(AT_ONCE):
                for row in rows:
                    yield dict(zip(columns, map(plain, row), strict=True))

    return Table(f"wearable_{name}", columns, read)


def _releases(person: Participant) -> Table:
    columns = ("release", "tier", "data_cutoff", "published_at", "retracted_at")

    def read() -> Iterator[Row]:
        for roll in releases_of(person):
            yield {name: plain(getattr(roll, name)) for name in columns}

    return Table("releases", columns, read)


def _studies(person: Participant) -> Table:
    columns = ("study", "study_since", "release", "tier")

    def read() -> Iterator[Row]:
        for roll in studies_of(person):
            told = (roll.study_id, plain(roll.study.first_used), roll.release, roll.tier)
            yield dict(zip(columns, told, strict=True))

    return Table("studies", columns, read)
