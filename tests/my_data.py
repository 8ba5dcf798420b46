"""Somebody with a history: consents of long ago, real days of a real device, real-shaped health records, a survey."""

import csv
import gzip
import json
import math
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import pyarrow as pa
from django.test import override_settings
from django.utils import timezone

NO_JOBS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}  # the signed PDF is made when asked for
LONG_AGO = timedelta(days=800)
SITE = "lakeshore-chicago"
ABOUT = {
    "given_name": "Inés",
    "family_name": "Rivera Soto",
    "birth_date": date(1961, 8, 27),
    "sex_at_birth": "female",
    "email": "ines@example.org",
    "phone": "312-555-0142",
    "address_line": "1450 W Harrison St",
    "city": "Chicago",
    "state": "IL",
    "zip": "60607",
}


def somebody(language="en", email="ines@example.org"):
    """A participant who said yes to everything 800 days ago."""
    from commonweal.ui.context import current_protocol
    from commonweal.vault.consent import actions as consent
    from commonweal.vault.people import actions as people
    from commonweal.vault.people.accounts import prove_address
    from commonweal.vault.people.models import Account

    protocol = current_protocol()
    account = Account.objects.create_user(email, "seven quiet herons", language=language)
    prove_address(account)
    one = people.register(account, language=language)
    type(one).objects.filter(pk=one.pk).update(registered_at=timezone.now() - LONG_AGO)
    one.refresh_from_db()
    people.answer_eligibility(one, {q.id: q.eligible_when for q in protocol.eligibility}, protocol, source="test")
    people.record_profile(one, ABOUT | {"language": language, "email": email}, source="test")
    people.pair(one, SITE, source="test")
    with override_settings(TASKS=NO_JOBS):
        for module in ("primary", "ehr", "wearables"):
            text = protocol.consents[module].current.texts[language]
            consent.answer_module(
                one,
                module,
                "yes",
                language=language,
                signed_name="Inés Rivera Soto",
                content_sha256=text.sha256,
                protocol=protocol,
                source="test",
                authored=timezone.now() - LONG_AGO,
            )
    return one


def furberg(folder: Path, user="1503960366"):
    """(day, activity row, sleep row or None) of one real wearer, 31 days in 2016."""
    root = folder / "wearables" / "furberg_fitbit_33users"
    with (root / "sleepDay_merged.csv").open() as file:
        nights = {row["SleepDay"].split()[0]: row for row in csv.DictReader(file) if row["Id"] == user}
    with (root / "dailyActivity_merged.csv").open() as file:
        for row in csv.DictReader(file):
            if row["Id"] == user:
                day = datetime.strptime(row["ActivityDate"], "%m/%d/%Y").date()
                yield day, row, nights.get(row["ActivityDate"])


def wear(person, folder: Path, last=None, off=(3,), minutes=2):
    """The real days, moved so that they end on `last` (yesterday); `off`: not worn, so many days before; heart made up."""
    from commonweal.vault.wearables import bulk

    last = last or (timezone.localdate() - timedelta(days=1))
    rows = sorted(furberg(folder), key=lambda found: found[0])
    shift = last - rows[-1][0]
    who = {"participant": person.pk, "provider": "fitbit"}
    away = {last - timedelta(days=n) for n in off}
    activity, sleep, worn, resting, beats = [], [], [], [], []
    for real, row, night in rows:
        day = real + shift
        known = who | {"date": day}
        worn.append(
            known | {"status": "not_worn" if day in away else "worn", "minutes_worn": 0 if day in away else 1300}
        )
        activity.append(
            known
            | {
                "steps": 0 if day in away else int(row["TotalSteps"]),
                "very_active_minutes": int(row["VeryActiveMinutes"]),
                "fairly_active_minutes": int(row["FairlyActiveMinutes"]),
                "lightly_active_minutes": int(row["LightlyActiveMinutes"]),
                "sedentary_minutes": int(row["SedentaryMinutes"]),
                "calories_out": float(row["Calories"]),
            }
        )
        if day in away:
            continue
        resting.append(known | {"heart_rate_value": 60.0 + day.day % 5})
        if night:
            asleep = int(night["TotalMinutesAsleep"])
            stages = {"minute_deep": asleep // 6, "minute_rem": asleep // 5, "minute_wake": 40}
            stages["minute_light"] = asleep - stages["minute_deep"] - stages["minute_rem"]
            bed = {"minute_in_bed": int(night["TotalTimeInBed"]), "minute_asleep": asleep}
            sleep.append(who | {"sleep_date": day, "is_main_sleep": True} | stages | bed)
    for back in range(minutes):
        start = datetime.combine(last - timedelta(days=back), datetime.min.time())
        for minute in range(0, 1440):
            if not 600 <= minute < 660:  # off the wrist for an hour
                beat = 62 + round(18 * math.sin(minute / 230) ** 2 + 40 * (1080 < minute < 1130))
                beats.append(who | {"datetime": start + timedelta(minutes=minute), "heart_rate_value": beat})
    made = {
        "activity_summary": activity,
        "sleep_daily_summary": sleep,
        "wear_day": worn,
        "resting_heart_rate": resting,
        "heart_rate_minute_level": beats,
    }
    tables = {name: pa.Table.from_pylist(found) for name, found in made.items()}
    return bulk.take_in(tables, source="simulation", received_time=timezone.now())


def share_records(person, folder: Path):
    """The records of one Synthea person, as their place of care would send them; a range stands beside the glucose."""
    from commonweal.vault.records import bulk

    rows = [{"participant": person.pk} | row for row in _records(folder)]
    table = pa.Table.from_pylist(rows, schema=_schema())
    return bulk.deposit(table, site=SITE, received_time=timezone.now())


@cache
def _records(folder: Path):
    """Those of the one with most results of HbA1c, mapped once for all tests."""
    from tests.fhir_rows import mapped

    paths = sorted((folder / "ehr_fhir" / "synthea_r4_bundles").glob("*.json.gz"))
    bundles = (json.loads(gzip.decompress(path.read_bytes())) for path in paths[:20])
    alive = (bundle for bundle in bundles if "deceasedDateTime" not in bundle["entry"][0]["resource"])
    resources = max(alive, key=lambda b: sum("A1c" in json.dumps(e["resource"].get("code", "")) for e in b["entry"]))
    for entry in resources["entry"]:
        resource = entry["resource"]
        if (resource.get("code") or {}).get("text") == "Glucose":
            resource["referenceRange"] = [
                {"low": {"value": 70, "unit": "mg/dL"}, "high": {"value": 99, "unit": "mg/dL"}}
            ]
    return mapped([entry["resource"] for entry in resources["entry"]])[1]


def _schema():
    from commonweal.r4.events import EVENT_SCHEMA

    return pa.schema([f for f in EVENT_SCHEMA if f.name not in ("site", "submission", "position")])


def answer(person, language="en", at=None, health="Excellent"):
    """A whole OverallHealth, each first option but for the first question."""
    from commonweal.ui.context import current_protocol
    from commonweal.vault.surveys import actions

    survey = current_protocol().surveys["OverallHealth"]
    item = survey.questionnaire.items["self_rated_health"]
    options = {option.display("en"): option.value for option in item.options}
    value = options.get(health) or item.options[0].value
    answers = {"self_rated_health": [{"valueCoding": value}]}
    return actions.hand_in(person, survey, answers, language=language, source="test", authored=at)


def log_in(account):
    from django.test import Client

    client = Client()
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def publish_others(people=2000):
    """Figures of how others answered one question, as a month's publication would leave them."""
    from commonweal.ui.context import current_protocol
    from commonweal.vault.journey.models import AnswerFigures

    item = current_protocol().surveys["OverallHealth"].questionnaire.items["self_rated_health"]
    shares = [0.12, 0.31, 0.34, 0.17, 0.06, 0.0]
    cells = {option.code: round(people * share / 20) * 20 for option, share in zip(item.options, shares, strict=False)}
    cells[item.options[4].code] = None
    return AnswerFigures.objects.create(
        survey="OverallHealth",
        question="self_rated_health",
        cutoff=timezone.now().date().replace(day=1),
        known_at=timezone.now(),
        people=people,
        rounded_to=20,
        cells=cells,
    )
