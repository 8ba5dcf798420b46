"""The bulk door for survey responses: the set-based twin of handing in."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import transaction

from commonweal import audit
from commonweal.errors import BadInput
from commonweal.vault import columns
from commonweal.vault.consent.population import granted_at
from commonweal.vault.people import identifiers
from commonweal.vault.surveys import forms
from commonweal.vault.surveys.actions import SCOPE
from commonweal.vault.surveys.models import SurveyResponse

if TYPE_CHECKING:
    from commonweal.protocol import Survey

NEEDED = ("questionnaire", "version", "language", "document")
MORE = ("author", "status", "classification", "answer_hash", "identifier", "original")
SAMPLE = 50  # responses of each batch that are checked against their questionnaire


def hand_in(
    responses: pa.Table,
    *,
    source: str,
    received_time: datetime,
    surveys: "Mapping[str, Survey] | None" = None,
    generator: np.random.Generator | None = None,
) -> int:
    """Take responses in and answer how many were added; those there already are unchanged. One audit event.

    `responses`: participant, questionnaire (module code), version, language, at (timestamp us UTC), document (JSON of a
    QuestionnaireResponse); and where they differ from the usual (by oneself, completed, complete) the columns of
    `SurveyResponse` in MORE. An answer_hash that is not given is worked out when it is needed. Dropped, and counted in
    the audit: responses to come, and those whose person did not grant `surveys`, or had asked to be left in peace, at
    that moment. A sample is checked against the questionnaires of
    `surveys` (default: the program's): BadInput for a fault, and then nothing is taken.
    """
    known = _program_surveys() if surveys is None else surveys
    _check_sample(responses, known)
    with transaction.atomic():
        for code in pc.unique(responses["questionnaire"]).to_pylist():
            forms.keep(known[code])
        may = pc.less_equal(responses["at"].cast(columns.MOMENT), pa.scalar(received_time, columns.MOMENT))
        may = pc.and_(may, granted_at(responses, SCOPE, received_time, new_data=True).combine_chunks())
        good = responses.filter(pc.fill_null(may, False))
        added = columns.insert(SurveyResponse, _facts(good, source, received_time, generator))
        refused = responses.num_rows - good.num_rows
        audit.record(
            "survey.hand-in",
            actor=source,
            count=responses.num_rows,
            accepted=added,
            unchanged=good.num_rows - added,
            rejected=refused,
        )
    return added


def _facts(good: pa.Table, source: str, received_time: datetime, generator: np.random.Generator | None) -> pa.Table:
    at = good["at"].cast(columns.MOMENT)
    return pa.table(
        {
            "uuid": identifiers.uuids(good.num_rows, generator),
            "event_time": at,
            "authored_time": at,
            "received_time": pa.repeat(pa.scalar(received_time, columns.MOMENT), good.num_rows),
            "source": pa.repeat(source, good.num_rows),
            "idempotency_key": _keys(good.set_column(good.column_names.index("at"), "at", at.cast(pa.int64()))),
            "participant_id": good["participant"].cast(pa.int64()),
            **{
                name: good[name].cast(pa.string()) for name in (*NEEDED, *MORE) if name in (*NEEDED, *good.column_names)
            },
        }
    )


def _keys(good: pa.Table) -> pa.ChunkedArray:
    with duckdb.connect() as con:
        con.register("good", good)
        query = """
            SELECT 'survey:' || sha256(concat_ws(chr(31), participant, questionnaire, "at", document)) AS key FROM good
        """
        return con.execute(query).to_arrow_table()["key"]


def _program_surveys() -> "Mapping[str, Survey]":
    from commonweal import protocol

    return protocol.load(settings.COMMONWEAL_HOME.protocol).surveys


def _check_sample(responses: pa.Table, surveys: "Mapping[str, Survey]") -> None:
    """Every survey known, and some responses, spread evenly over the batch, without a fault."""
    from commonweal.r4 import questionnaire as r4

    unknown = set(pc.unique(responses["questionnaire"]).to_pylist()) - set(surveys)
    if unknown:
        raise BadInput(f"survey responses: no such survey in this program: {', '.join(sorted(map(str, unknown)))}")
    step = max(1, responses.num_rows // SAMPLE)
    places = pa.array(range(0, responses.num_rows, step), pa.int64())
    for place, row in zip(places.to_pylist(), responses.take(places).to_pylist(), strict=True):
        try:
            document = orjson.loads(row["document"])
        except orjson.JSONDecodeError:
            raise BadInput(f"survey responses: number {place + 1} is not JSON") from None
        problems = r4.validate(document, surveys[row["questionnaire"]].questionnaire)
        if problems:
            raise BadInput(f"survey responses: number {place + 1}: {problems[0].linkId}: {problems[0].message}")
