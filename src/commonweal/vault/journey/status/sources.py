"""Where each need of status is read from. A room that brings new facts adds a source here, and nothing else changes.

| need | source today |
|---|---|
| primary, ehr, full_ehr, results, dna_update | consent answers, by their scopes; two modules of the field by their codes |
| TheBasics, OverallHealth, Lifestyle, ped_environmental_health | survey responses, by module code |
| first_ehr_file | journal and files of health records |
| dna, physical_measurements, height, weight, wgs | none yet: nobody has them |

An answer or response that another supersedes does not count, nor one that was found to be a duplicate, unfinished or invalid.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
from django.conf import settings
from django.db import models

from commonweal import duck
from commonweal.ui.context import current_protocol
from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.consent.rules import LATER, PARTICIPATE, YES
from commonweal.vault.fact import Fact
from commonweal.vault.journey.status import needs as n
from commonweal.vault.people.models import Participant
from commonweal.vault.records import store
from commonweal.vault.records.models import Submission
from commonweal.vault.records.tables import store as tables
from commonweal.vault.records.tables.engine import quote
from commonweal.vault.surveys.classifying import COUNTED
from commonweal.vault.surveys.models import SurveyResponse

DV_INTEREST, UPDATE = "DVEHRSharing", "PrimaryConsentUpdate"  # module codes of the field, for programs that use them
SURVEYS = (*n.BASELINE, n.EXPOSURES)


def needs_of_answer(module: str, answer: str, scopes: str) -> tuple[str, ...]:
    """What one consent answer meets: by scope and not by module, so that a program may cut its modules otherwise."""
    granted, yes = scopes.split(), answer == YES
    met = {
        n.PRIMARY: yes and PARTICIPATE in granted,
        n.EHR: yes and ("ehr" in granted or module == DV_INTEREST),
        n.FULL_EHR: yes and "ehr" in granted,
        n.RESULTS: answer != LATER and any(scope.startswith("return:") for scope in granted),
        n.DNA_UPDATE: yes and module == UPDATE,
    }
    return tuple(need for need, is_met in met.items() if is_met)


def needs_of_response(questionnaire: str, classification: str) -> tuple[str, ...]:
    """What one survey response meets: nothing where its class does not count."""
    needed = questionnaire in SURVEYS or questionnaire in current_protocol().baseline
    return (questionnaire,) if needed and classification in COUNTED else ()


@dataclass(frozen=True)
class Source:
    """Facts that meet needs: their model, the columns that decide which, and the rule over those.

    `by`: the column along which all of them are read (see `vault.scan`).
    """

    model: type[Fact]
    columns: tuple[str, ...]
    meets: Callable[..., tuple[str, ...]]
    by: str = "id"


SOURCES = (
    Source(ConsentAnswer, ("module", "answer", "scopes"), needs_of_answer),
    Source(
        SurveyResponse, ("questionnaire", "classification"), needs_of_response, "participant_id"
    ),  # all of it in an index
)


def first_times(person: Participant, at: datetime) -> dict[str, datetime]:
    """When `person` first met each need, of what had happened at `at`; all but `first_ehr_file` (see `record_files`)."""
    told: list[tuple[str, datetime]] = []
    for source in SOURCES:
        rows = in_use(source.model).filter(participant=person, event_time__lte=at)
        for moment, *values in rows.values_list("event_time", *source.columns):
            told += [(need, moment) for need in source.meets(*values)]
    return n.earliest(told)


def in_use(model: type[Fact]) -> "models.QuerySet[Fact]":
    """Facts that no other supersedes."""
    replaced = model._default_manager.filter(supersedes__isnull=False).values("supersedes_id")
    return model._default_manager.exclude(pk__in=replaced)


def record_files(people: Iterable[int] | None = None) -> pa.Table:
    """participant, first, latest: when the first and the latest file with records of each came in (all: None)."""
    received = dict(Submission.objects.filter(state__in=store.TAKEN).values_list("id", "received_time"))
    kinds = pa.schema(
        [("participant", pa.int64()), ("first", pa.timestamp("us", tz="UTC")), ("latest", pa.timestamp("us", tz="UTC"))]
    )
    wanted = None if people is None else list(people)
    named = " UNION ALL ".join(_named(received, wanted))
    with duck.passing() as con:
        con.execute("SET timezone = 'UTC'")
        moments = {"submission": list(received), "at": pa.array(list(received.values()), kinds.field("first").type)}
        con.register("files", pa.table(moments))
        who = "" if wanted is None else "WHERE participant IN (SELECT unnest($people))"
        return (
            con.execute(
                f"""SELECT participant, min("at") AS first, max("at") AS latest
            FROM (SELECT DISTINCT participant, submission FROM ({named}) {who}) JOIN files USING (submission)
            GROUP BY participant""",
                {} if wanted is None else {"people": wanted},
            )
            .to_arrow_table()
            .cast(kinds)
        )


def _named(submissions: Iterable[int], people: list[int] | None) -> Iterator[str]:
    """SQL of (participant, submission) for the submissions that hold something of somebody: as events, or as tables."""
    home = settings.COMMONWEAL_HOME
    yield store.told_of(home, people)
    for one in submissions:
        if (path := tables.folder_of(home, one) / "person.parquet").exists():
            yield f"SELECT person_id AS participant, {one}::BIGINT AS submission FROM read_parquet({quote(path)})"
