"""The bulk door for responses of people whose vault ids are known: tables in, through the way that imports take."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import transaction

from commonweal import audit
from commonweal.errors import BadInput
from commonweal.r4 import questionnaire as r4
from commonweal.vault import columns
from commonweal.vault.surveys import forms
from commonweal.vault.surveys.importing import judging, taking_many
from commonweal.vault.surveys.importing.judging import Judged
from commonweal.vault.surveys.models import SurveyResponse
from commonweal.vault.surveys.reading import Given

if TYPE_CHECKING:
    from commonweal.protocol import Survey

SAMPLE = 50  # of those that are trusted, so many are checked all the same, spread evenly over the table
BATCH = 5_000  # responses that are held as objects at a time


def hand_in(
    responses: pa.Table,
    *,
    source: str,
    received_time: datetime,
    surveys: "Mapping[str, Survey] | None" = None,
    generator: np.random.Generator | None = None,
    trusted: bool = False,
) -> int:
    """Take responses in and answer how many were added; those there already are unchanged. One audit event.

    `responses`: participant, questionnaire (module code), version, language, at (timestamp us UTC), document (JSON of a
    QuestionnaireResponse); and where they differ from the usual (by oneself, completed) author, status, and identifier
    (a digest). Each is classified beside what its person said before. Dropped, and counted in the audit: responses to
    come, and those whose person did not grant `surveys`, or had asked to be left in peace, at that moment, or does not
    grant it any more. Each is checked against its questionnaire in `surveys` (default: the program's): BadInput for a
    fault, and then nothing is taken. `trusted`: they were made by our own simulation, so only a sample is checked.
    """
    known = _program_surveys() if surveys is None else surveys
    codes = pc.unique(responses["questionnaire"]).to_pylist()
    _check_known(codes, known)
    step = max(1, responses.num_rows // SAMPLE) if trusted else 1
    with transaction.atomic():
        for code in codes:
            forms.keep(known[code])
        people = responses["participant"].cast(pa.int64())
        taking_many.lock(set(pc.unique(people).to_pylist()))
        may = _may(responses, received_time)
        told: dict[str, int] = dict.fromkeys((taking_many.ACCEPTED, taking_many.UNCHANGED, taking_many.REJECTED), 0)
        for first in range(0, responses.num_rows, BATCH):
            judged = list(_judged(responses.slice(first, BATCH), first, known, step))
            taken = taking_many.take_of(
                people.slice(first, BATCH).to_pylist(),
                judged,
                may[first : first + BATCH],
                source=source,
                received_time=received_time,
                generator=generator,
            )
            for outcome in taken:
                told[outcome.what] += 1
        audit.record("survey.hand-in", actor=source, count=responses.num_rows, **told)
    return told[taking_many.ACCEPTED]


def _may(responses: pa.Table, now: datetime) -> list[bool]:
    """Whether each may be taken; asked once for the whole table."""
    at = responses["at"].cast(columns.MOMENT)
    granted = taking_many.granted(responses["participant"].to_pylist(), at.cast(pa.int64()).to_pylist(), now)
    come = pc.less_equal(at, pa.scalar(now, columns.MOMENT)).to_pylist()
    return [one and there for one, there in zip(granted, come, strict=True)]


def _judged(part: pa.Table, first: int, known: "Mapping[str, Survey]", step: int) -> Iterator[Judged]:
    """Each row as an import judges a line; every `step`th one is checked against its form."""
    for place, row in enumerate(part.to_pylist(), first):
        given = _given(place, row, known[row["questionnaire"]])
        if place % step == 0:
            _check(place, given)
        yield judging.judged(place, (), given)._replace(version=row["version"])


def _given(place: int, row: dict[str, Any], survey: "Survey") -> Given:
    try:
        document = orjson.loads(row["document"])
    except orjson.JSONDecodeError:
        raise BadInput(f"survey responses: number {place + 1} is not JSON") from None
    if not isinstance(document, dict):
        raise BadInput(f"survey responses: number {place + 1} is no QuestionnaireResponse")
    return Given(
        survey,
        row["document"],
        document,
        row["at"].astimezone(UTC),
        row["language"],
        row.get("author") or SurveyResponse.SELF,
        row.get("status") or SurveyResponse.COMPLETED,
        row.get("identifier") or "",
    )


def _check(place: int, given: Given) -> None:
    problems = r4.validate(given.document, given.survey.questionnaire, given.answers)
    if problems:
        raise BadInput(f"survey responses: number {place + 1}: {problems[0].linkId}: {problems[0].message}")


def _program_surveys() -> "Mapping[str, Survey]":
    from commonweal import protocol

    return protocol.load(settings.COMMONWEAL_HOME.protocol).surveys


def _check_known(codes: list[Any], surveys: "Mapping[str, Survey]") -> None:
    unknown = set(codes) - set(surveys)
    if unknown:
        raise BadInput(f"survey responses: no such survey in this program: {', '.join(sorted(map(str, unknown)))}")
