"""A small program with a few people in a real vault, for tests of the bridge. Run in the BRIDGE zone."""

import re
import shutil
import sqlite3
import tempfile
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import duckdb
import orjson
import pyarrow as pa
from django.db import connection

from commonweal import protocol
from commonweal.cli.console import Console
from commonweal.home import Home

NOW = datetime.now(UTC).replace(microsecond=0)
JOINED = NOW - timedelta(days=500)
SITE = "great-lakes-milwaukee"
PPI = "http://terminology.pmi-ops.org/CodeSystem/ppi"
SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"
DIABETES, HYPERTENSION, HBA1C = "44054006", "38341003", "4548-4"
SCOPES = {
    "primary": "participate recontact surveys measurements biospecimens genomic_research", "ehr": "ehr",
    "wearables": "wearables:fitbit wearables:apple",
}  # fmt: skip
BASICS = {
    "Race_WhatRaceEthnicity": ["WhatRaceEthnicity_White"],
    "Gender_GenderIdentity": ["GenderIdentity_Woman"],
    "BiologicalSexAtBirth_SexAtBirth": ["SexAtBirth_Female"],
    "EducationLevel_HighestGrade": ["HighestGrade_AdvancedDegree"],
    "LivingSituation_HowManyPeople": [3],
}


def response_of(answers):
    """A QuestionnaireResponse with one page; a value is a code, a number, or ("text", words)."""

    def value(v):
        if isinstance(v, tuple):
            return {"valueString": v[1]}
        return {"valueInteger": v} if isinstance(v, int) else {"valueCoding": {"system": PPI, "code": v}}

    items = [{"linkId": link, "answer": [value(v) for v in values]} for link, values in answers.items()]
    document = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "item": [{"linkId": "page", "item": items}],
    }
    return orjson.dumps(document).decode()


@dataclass
class World:
    """A home with the default program; `add` brings people in, `build` and its kin call the bridge.

    No answers are added, and nobody is left out for want of a survey, unless `whole_program`. A tier gets its index, a fifth of
    what a small build costs, unless `indexed` is False.
    """

    home: Home
    count: int = 0
    people: dict = field(default_factory=dict)
    cutoff: date = (NOW - timedelta(days=1)).date()
    whole_program: bool = False
    indexed: bool = True

    def __post_init__(self):
        shutil.copytree(protocol.DEFAULT, self.home.protocol, dirs_exist_ok=True)
        file = self.home.protocol / "privacy.toml"
        text = file.read_text()
        if self.whole_program:
            text = text.replace("# required = ", "required = ")
        else:
            text = re.sub(r"\[\[answers\.backfills\]\]\n(?:[^\[\n].*\n|\n)*", "", text)
            assert "answers.backfills" not in text
        file.write_text(text)

    def _fact(self, at=JOINED):
        self.count += 1
        times = dict.fromkeys(("event_time", "authored_time", "received_time"), at)
        return times | {"source": "import", "idempotency_key": f"fact-{self.count}"}

    def add(
        self,
        name,
        *,
        born=date(1961, 8, 27),
        state="WI",
        ehr=True,
        surveys=True,
        is_test=False,
        site=SITE,
        joined=JOINED,
    ):
        """One person; names and numbers are made of `name`, so that they can be found again."""
        from commonweal.vault.people.models import Pairing, Participant, Profile

        self.count += 1
        number = 100_000_000 + self.count
        person = Participant.objects.create(
            participant_id=f"P{number}", biobank_id=f"A{number + 500}", external_id=f"EXT-{name}-{number}", origin="import",
            is_test=is_test, registered_at=joined,
        )  # fmt: skip
        Profile.objects.create(
            participant=person, given_name=f"{name}given", family_name=f"{name}family", birth_date=born, sex_at_birth="female",
            email=f"{name}@people.example", phone="(414) 555-0" + f"{self.count:03}", address_line=f"{self.count} {name} Street",
            city="Milwaukee", state=state, zip="53202", **self._fact(joined),
        )  # fmt: skip
        Pairing.objects.create(participant=person, site=site, record_number=f"MRN{name}{number}", **self._fact(joined))
        scopes = SCOPES["primary"] if surveys else SCOPES["primary"].replace("surveys ", "")
        self.consent(person, "primary", "yes", scopes=scopes, at=joined)
        if ehr:
            self.consent(person, "ehr", "yes", at=joined)
        self.people[name] = person
        return person

    def consent(self, person, module, answer, *, at=JOINED, scopes=None):
        from commonweal.vault.consent.models import ConsentAnswer

        return ConsentAnswer.objects.create(
            participant=person, module=module, version="1", content_sha256="0" * 64, language="en", answer=answer,
            scopes=scopes or SCOPES[module], signed_name="x", **self._fact(at),
        )  # fmt: skip

    def withdraw(self, person, at=None):
        from commonweal.vault.consent.models import Withdrawal

        return Withdrawal.objects.create(participant=person, **self._fact(at or datetime.now(UTC)))

    def deactivate(self, person, at):
        from commonweal.vault.consent.models import Deactivation

        return Deactivation.objects.create(participant=person, **self._fact(at))

    def survey(self, person, answers=None, *, at=JOINED + timedelta(days=1), questionnaire="TheBasics", version="1"):
        from commonweal.vault.surveys.models import SurveyResponse

        return SurveyResponse.objects.create(
            participant=person, questionnaire=questionnaire, version=version, language="en",
            document=response_of(BASICS if answers is None else answers), **self._fact(at),
        )  # fmt: skip

    def records(self, person, rows, *, site=SITE, received=None):
        """`rows`: dicts of EVENT_SCHEMA fields; code_system SNOMED, status finished, part 0 unless given."""
        from commonweal.r4.events import EVENT_SCHEMA
        from commonweal.vault.records import bulk

        full = [
            {
                "participant": person.pk,
                "part": 0,
                "code_system": SNOMED,
                "status": "finished",
                "resource_id": f"r{self.count}-{n}",
            }
            | row
            for n, row in enumerate(rows)
        ]
        schema = pa.schema([f for f in EVENT_SCHEMA if f.name not in ("site", "submission", "position")])
        self.count += 1
        table = pa.Table.from_pylist(full, schema)
        return bulk.deposit(
            table, site=site, received_time=received or NOW - timedelta(hours=1), home=self.home, source="test"
        )

    def visit(self, person, day=datetime(2021, 3, 4, 9), site=SITE):
        """One visit with a condition, a lab value and a prescription."""
        self.records(
            person,
            [
                {"resource_type": "Encounter", "resource_id": f"e{day:%Y%m%d}", "category": "AMB", "start": day, "end": day + timedelta(hours=1)},
                {"resource_type": "Condition", "code": DIABETES, "start": day, "encounter_id": f"e{day:%Y%m%d}"},
                {
                    "resource_type": "Observation", "code_system": LOINC, "code": HBA1C, "category": "laboratory", "start": day,
                    "value_number": 7.1, "unit": "%", "encounter_id": f"e{day:%Y%m%d}", "value_text": "see Dr. Smith",
                },
            ],
            site=site,
        )  # fmt: skip

    def crowd(self, count=3):
        """People with everything, so that a release has rows in most tables."""
        for n in range(count):
            person = self.add(f"crowd{n}", born=date(1950 + n, 3, 1 + n))
            self.survey(person)
            self.visit(person, datetime(2020, 1 + n, 4, 9))
        return self

    def wear(self, table, rows, *, provider="fitbit", received=None):
        """A delivery of wearable rows (dicts by column of the store's table; `participant` a person)."""
        from commonweal.vault.wearables import store
        from commonweal.vault.wearables.models import Submission
        from commonweal.vault.wearables.tables import arrived_columns

        self.count += 1
        at = received or NOW - timedelta(hours=1)
        delivery = Submission.objects.create(
            source="sync",
            provider=provider,
            sha256=f"{self.count:064}",
            received_time=at,
            state=Submission.DONE,
            finished_time=at,
        )
        full = [{"provider": provider} | row | {"participant": row["participant"].pk} for row in rows]
        store.append(self.home, table, pa.Table.from_pylist(full, arrived_columns(table)), delivery)
        return delivery

    def protocol(self):
        return protocol.load(self.home.protocol)

    def later(self):
        """A moment at which all that was added is known."""
        return datetime.now(UTC)

    # the bridge
    def extract(self, name="2026Q4R1", *, cutoff=None, known_at=None):
        """The raw extract alone; its figures."""
        from commonweal.curation import duck
        from commonweal.curation.extract import Moment, extract
        from commonweal.curation.layout import Layout

        layout, now = Layout(self.home, name), known_at or datetime.now(UTC)
        con = duck.connect(layout.work)
        moment = Moment(cutoff or self.cutoff, now, now)
        privacy = protocol.load(self.home.protocol).privacy.registered
        return extract(con, self.home, moment, layout.raw, "key", Console(json=True), privacy=privacy).figures

    def build(self, name="2026Q4R1", **more):
        from commonweal.curation import release

        with nullcontext() if self.indexed else patch("commonweal.curation.building_tier.index.build"):
            return release.build(self.home, name, console=Console(json=True), **({"cutoff": self.cutoff} | more))

    def check(self, name="2026Q4R1"):
        from commonweal.curation import release

        return release.check(self.home, name, console=Console(json=True))

    def publish(self, name="2026Q4R1"):
        from commonweal.curation import release

        return release.publish(self.home, name, console=Console(json=True))

    def published(self, name="2026Q4R1", **more):
        self.build(name, **more)
        self.check(name)
        self.publish(name)
        return self

    def with_build(self, count):
        """A crowd and a release that is built of it, for tests of what comes after: made once a process, and copied."""
        return self.once(f"built {count}", lambda: self.crowd(count).build())

    def with_release(self, count):
        """The same, with the release published."""

        def make():
            self.with_build(count)
            self.check()
            self.publish()

        return self.once(f"published {count}", make)

    def once(self, what, make):
        """What `make` makes of a world that is still empty: made once a process, and copied."""
        if (what, self.indexed) not in _MADE:
            make()
            _MADE[what, self.indexed] = Snapshot.of(self)
        else:
            _MADE[what, self.indexed].into(self)
        return self

    def folder(self, name="2026Q4R1"):
        return self.home.releases / name / "registered"

    def rows(self, table, name="2026Q4R1"):
        files = self.folder(name) / "tables" / table / "*.parquet"
        return duckdb.sql(f"FROM read_parquet('{files}')").to_arrow_table().to_pylist()

    def raw(self, table, name="2026Q4R1"):
        from commonweal.curation import parts

        folder = self.home.vault_store / "curation" / name / "raw" / table
        return duckdb.sql(f"FROM {parts.source(parts.files(folder))}").to_arrow_table().to_pylist()

    def research_id(self, person):
        from commonweal.curation import crosswalk

        known = {row["participant"]: row for row in crosswalk.load(self.home).to_pylist()}
        return known[person.pk]["registered"]

    def shift(self, person):
        from commonweal.curation import crosswalk

        return {row["participant"]: row["shift"] for row in crosswalk.load(self.home).to_pylist()}[person.pk]

    def manifest(self, name="2026Q4R1"):
        return orjson.loads((self.folder(name) / "manifest.json").read_bytes())


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its relative path."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def without(monkeypatch, *rules):
    """The registered tier with these rules doing nothing, their columns declared as seen to; the others keep their numbers."""
    from dataclasses import replace

    from commonweal.curation import tiers

    tier = tiers.REGISTERED
    weak = replace(
        tier,
        rules=tuple(replace(r, apply=_nothing) if r.id in rules else r for r in tier.rules),
        covers={kind: tuple(i for i in ids if i not in rules) for kind, ids in tier.covers.items()},
    )
    monkeypatch.setitem(tiers.TIERS, "registered", weak)


def _nothing(rows):
    return rows


@dataclass
class Snapshot:
    """A world as it was: its home, its database (SQLite), whom it knows."""

    place: tempfile.TemporaryDirectory
    count: int
    people: dict

    @classmethod
    def of(cls, world):
        kept = cls(tempfile.TemporaryDirectory(prefix="commonweal-world-"), world.count, dict(world.people))
        shutil.copytree(world.home.root, kept.home, symlinks=True)
        with closing(sqlite3.connect(kept.database)) as copy:
            connection.connection.backup(copy)
        return kept

    def into(self, world):
        """Make a world that is still empty, and its database, what was kept."""
        assert not world.people
        shutil.copytree(self.home, world.home.root, symlinks=True, dirs_exist_ok=True)
        connection.ensure_connection()
        with closing(sqlite3.connect(self.database)) as copy:
            copy.backup(connection.connection)
        world.count, world.people = self.count, dict(self.people)

    @property
    def home(self):
        return Path(self.place.name) / "home"

    @property
    def database(self):
        return Path(self.place.name) / "db.sqlite3"


_MADE: dict[tuple[str, bool], Snapshot] = {}
