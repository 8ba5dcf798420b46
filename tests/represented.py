"""A cohort for figures: people brought in through the bulk doors of enrolment, consent and surveys, as many as one likes."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import orjson
import pyarrow as pa
import pytest
from django.utils import timezone
from pyroaring import BitMap

from commonweal.r4.questionnaire import PPI, response_document
from commonweal.ui.context import current_protocol
from commonweal.vault.consent import bulk as consent
from commonweal.vault.people import bulk as enrolment
from commonweal.vault.representation.figures import rounds
from commonweal.vault.surveys import bulk as surveys
from commonweal.vault.voice.models import Study, StudyRoll, StudyUse


@pytest.fixture
def own_folder(monkeypatch, tmp_path):
    """The kept table of a test is its own: the database is emptied between tests, and each worker has another."""
    monkeypatch.setattr(rounds, "_folder", lambda: tmp_path / "representation")


MOMENT = pa.timestamp("us", tz="UTC")
THEN = datetime(2024, 3, 4, 15, tzinfo=UTC)
RACE, SEX, GENDER = "Race_WhatRaceEthnicity", "BiologicalSexAtBirth_SexAtBirth", "Gender_GenderIdentity"
RBR = {  # somebody whom every answered category represents
    RACE: "WhatRaceEthnicity_White",
    SEX: "SexAtBirth_Female",
    GENDER: "GenderIdentity_Woman",
    "TheBasics_SexualOrientation": "SexualOrientation_Straight",
    "EducationLevel_HighestGrade": "HighestGrade_CollegeGraduate",
    "Income_AnnualIncome": "AnnualIncome_more200k",
    "LivingSituation_HowManyPeople": 1,
    "Insurance_HealthInsurance": "HealthInsurance_Yes",
    "Disability_Deaf": "Deaf_No",
}
MINORITY = RBR | {RACE: "WhatRaceEthnicity_Hispanic"}


def document(form, answers, at):
    """A QuestionnaireResponse; a number is an integer, a list several codes."""

    def value(one):
        return {"valueInteger": one} if isinstance(one, int) else {"valueCoding": {"system": PPI, "code": one}}

    given = {
        link: [value(one) for one in (said if isinstance(said, list) else [said])] for link, said in answers.items()
    }
    return orjson.dumps(response_document(form, given, authored=at, identifier=None, language="en")).decode()


def join(
    name, number, *, site="", at=THEN, born=date(1980, 5, 1), state="IL", zip="60607", language="en", primary="yes"
):
    """`number` people of this name, who consented at `at`; their vault ids."""
    fixed = {
        "given_name": "Ann", "family_name": "Miller", "birth_date": born, "sex_at_birth": "female", "email": "", "phone": "",
        "address_line": "1 Elm Street", "city": "Springfield", "state": state, "zip": zip, "language": language, "mrn": "",
        "site": site or next(iter(current_protocol().sites)), "registered_at": at - timedelta(days=3), "is_test": False,
    }  # fmt: skip
    rows = [{"external_id": f"{name}-{n}", **fixed} for n in range(number)]
    kinds = {"birth_date": pa.date32(), "registered_at": MOMENT, "is_test": pa.bool_()}
    schema = pa.schema([(column, kinds.get(column, pa.string())) for column in rows[0]])
    told = enrolment.enrol(
        pa.Table.from_pylist(rows, schema), source="import", received_time=at, sites=list(current_protocol().sites)
    )
    ids = told["participant"].to_pylist()
    if primary:
        say(ids, "primary", primary, at)
    return ids


def say(ids, module, answer, at):
    rows = [
        {
            "participant": one,
            "module": module,
            "answer": answer,
            "at": at,
            "language": "en",
            "signed_name": "Ann Miller",
        }
        for one in ids
    ]
    kinds = {"participant": pa.int64(), "at": MOMENT}
    schema = pa.schema([(column, kinds.get(column, pa.string())) for column in rows[0]])
    consent.record(pa.Table.from_pylist(rows, schema), protocol=current_protocol(), source="import", received_time=at)


def respond(ids, answers, survey="TheBasics", at=THEN + timedelta(days=1)):
    """Everybody hands this in."""
    form = current_protocol().surveys[survey].questionnaire
    rows = {
        "participant": pa.array(ids, pa.int64()),
        "questionnaire": pa.repeat(survey, len(ids)),
        "version": pa.repeat(str(form.version), len(ids)),
        "language": pa.repeat("en", len(ids)),
        "at": pa.array([at] * len(ids), MOMENT),
        "document": pa.repeat(document(form, answers, at), len(ids)),
    }
    return surveys.hand_in(
        pa.table(rows), source="import", received_time=at, surveys=current_protocol().surveys, trusted=True
    )


def used(members, *, study=1, kind="cohort", release="2026Q4R1"):
    """A use of a study, as the bridge tells of it; `members`: vault ids."""
    key = UUID(int=study << 64, version=4)
    one, _ = Study.objects.get_or_create(key=key, defaults={"first_used": date(2026, 11, 2)})
    told = {"kind": kind, "release": release, "tier": "registered", "day": date(2026, 11, 2)}
    StudyUse.objects.create(study=one, name=uuid4().hex, received_at=timezone.now(), **told)
    roll, _ = StudyRoll.objects.get_or_create(
        study=one, release=release, tier="registered",
        defaults={"members": BitMap().serialize(), "changed_at": timezone.now()},
    )  # fmt: skip
    roll.members = (BitMap.deserialize(bytes(roll.members)) | BitMap(members)).serialize()
    roll.save()
    return str(key)
