"""A small program and small tables of people for the vault's tests, whatever the default program holds."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pyarrow as pa
import pytest

from commonweal.protocol import ConsentForm, ConsentModule, ConsentText, ConsentVersion, Screen

MOMENT = pa.timestamp("us", tz="UTC")


def words(name):
    """Both languages of a text, each with a digest of its own."""
    more = ((Screen("Title", "Words."),), (), "I agree.", "Yes", "No", "Not sure")
    return {language: ConsentText(f"{name}-{language}".ljust(64, "0"), *more) for language in ("en", "es")}


def module(id, scopes, requires=(), expires=None, forms=(), **more):
    version = ConsentVersion("1", expires, words(id), tuple(forms))
    localised = {"en": id, "es": id}
    return ConsentModule(id, localised, localised, tuple(scopes.split()), tuple(requires), (version,), **more)


@pytest.fixture
def program():
    """Four modules as in the default program; the health-record authorisation lasts a year."""
    modules = [
        module("primary", "participate recontact surveys measurements biospecimens genomic_research"),
        module("ehr", "ehr", ["primary"], expires=365),
        module("wearables", "wearables:fitbit wearables:apple", ["primary"]),
        module("results", "return:ancestry return:traits return:pgx return:hereditary", ["primary", "ehr"]),
    ]
    question = SimpleNamespace(id="adult", eligible_when=True), SimpleNamespace(id="prison", eligible_when=False)
    return SimpleNamespace(
        consents={one.id: one for one in modules},
        sites={name: SimpleNamespace(state="MA", timezone="America/New_York") for name in ("north", "south")},
        eligibility=question,
        program=SimpleNamespace(minimum_age=18, name={"en": "Program", "es": "Programa"}),
    )


@pytest.fixture
def by_state(program):
    """The program's health-record authorisation with the reference's forms by state."""
    timed = ConsentForm("timed", words("ehr-timed"), ("ME", "MD", "MT", "WY"), "care", expires_after_days=200)
    sensitive = ConsentForm("sensitive", words("ehr-sensitive"), ("OR", "TX", "AK", "MA", "MI"), "care_or_home", True)
    program.consents["ehr"] = module("ehr", "ehr", ["primary"], forms=(sensitive, timed))
    program.consents["rights"] = module("rights", "", only_in=("CA",))
    program.consents["primary"] = module("primary", "participate surveys", ["rights"])
    program.sites |= {"portland": SimpleNamespace(state="ME"), "chicago": SimpleNamespace(state="IL")}
    return program


@pytest.fixture
def people_table():
    """`people_table("X1", "X2", city="Town")`: rows for the bulk door; a keyword is one value or a list of them."""

    def make(*external_ids, **changes):
        values = {
            "given_name": "Ann",
            "family_name": "Miller",
            "birth_date": date(1970, 5, 1),
            "sex_at_birth": "female",
            "email": "ann@example.org",
            "phone": "555-0100",
            "address_line": "1 Elm Street",
            "city": "Springfield",
            "state": "MA",
            "zip": "01101",
            "language": "en",
            "site": "north",
            "mrn": "M1",
            "registered_at": datetime(2024, 1, 2, tzinfo=UTC),
            "is_test": False,
        } | changes
        rows = [
            {"external_id": one} | {name: v[place] if isinstance(v, list) else v for name, v in values.items()}
            for place, one in enumerate(external_ids)
        ]
        kinds = {"birth_date": pa.date32(), "registered_at": MOMENT, "is_test": pa.bool_()}
        names = ["external_id", *values]
        return pa.Table.from_pylist(rows, pa.schema([(name, kinds.get(name, pa.string())) for name in names]))

    return make


@pytest.fixture
def answers_table():
    """`answers_table((person, "ehr", "yes", moment), ...)` for the bulk door of consent."""

    def make(*rows, language="en", signed_name="Ann Miller"):
        names = ("participant", "module", "answer", "at")
        kinds = (pa.int64(), pa.string(), pa.string(), MOMENT, pa.string(), pa.string())
        full = [dict(zip(names, row, strict=True)) | {"language": language, "signed_name": signed_name} for row in rows]
        return pa.Table.from_pylist(full, pa.schema(list(zip([*names, "language", "signed_name"], kinds, strict=True))))

    return make
