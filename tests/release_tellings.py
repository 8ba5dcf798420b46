"""Tiers of releases as the bridge tells them to the portal, for tests of the pages. Run in the PORTAL zone."""

from datetime import UTC, date, datetime, timedelta

CHECKED = datetime(2026, 11, 26, 15, 30, tzinfo=UTC)
ROWS = {
    "cdm_source": 1, "concept": 2_684, "condition_occurrence": 1_147_021, "death": 412, "drug_exposure": 1_331_204,
    "heart_rate_summary": 1_987_220, "measurement": 7_088_310, "observation": 3_947_800, "person": 42_017,
    "person_ext": 42_017, "procedure_occurrence": 578_114, "survey_conduct": 178_790, "visit_occurrence": 1_220_006,
}  # fmt: skip
PUBLIC_ROWS = {
    "totals": 5,
    "demographics": 61,
    "concept_counts": 8_412,
    "measurement_histograms": 2_210,
    "survey_answers": 3_906,
}


def rule(name, explanation, why, **by_table):
    """`by_table`: (rows in, rows out, cells changed) of each table that it did something to."""
    names = ("rows_in", "rows_out", "cells_changed")
    tables = {table: dict(zip(names, n, strict=True)) for table, n in by_table.items()}
    sums = {n: sum(t[n] for t in tables.values()) for n in names}
    said = {"reason": explanation, "why": why, "source": "Reference 2", "version": 1}
    return {"id": name, **sums, **said, "by_table": tables}


def rules():
    return [
        rule(
            "lifecycle.minors",
            "People under 18 when they first agreed to take part are left out.",
            "A minor cannot agree for themselves.",
            person=(42_260, 42_257, 0), measurement=(7_690_114, 7_689_901, 0),
        ),
        rule(
            "lifecycle.very_old",
            "People who have reached the age cap (89) at the data cutoff are left out.",
            "So few people reach that age that it points to them.",
            person=(42_257, 42_017, 0), person_ext=(42_257, 42_017, 0), measurement=(7_689_901, 7_401_000, 0),
        ),
        rule(
            "suppress.concepts",
            "Rows with a concept of the tier's suppression lists, in any clinical concept column, go: by id, by descent and"
            " by pattern of their code; where the tier says so, also codes that came into use shortly before the cutoff.",
            "Accidents, assaults, births and deaths are in the news and in public records, where a name stands beside them.",
            condition_occurrence=(1_171_304, 1_147_021, 0), observation=(3_960_100, 3_947_800, 0),
        ),
        rule(
            "generalise.answers",
            "Answers are made coarser by the tier's list: race, orientation, sex, gender, education, employment and"
            " insurance in the registered tier, care by the Indian Health Service in both.",
            "A rare answer, or a rare pair of answers, points to one person; care by the Indian Health Service tells that"
            " somebody belongs to a tribe.",
            observation=(3_947_800, 3_947_800, 88_310),
        ),
        rule(
            "generalise.gender",
            "Gender of a person: a man, a woman, or neither of these alone.",
            "Other answers, and those that differ from sex at birth, are rare and can harm.",
            person=(42_017, 42_017, 9),
        ),
        rule(
            "text.free",
            "Every column that may hold free text is emptied, but for answers that the tier lets stand whole.",
            "What people or staff write may name someone.",
        ),
        rule(
            "quality.no_concept",
            "Rows of which neither the standard concept nor that of the source is known go.",
            "Of such a row only a date is left, which tells of a person but not of health.",
            measurement=(7_401_000, 7_088_310, 0), drug_exposure=(1_344_870, 1_331_204, 0),
        ),
        rule(
            "dates.shift",
            "Every date is moved back by the person's own random number of days, 1 to 364, the same in every table and"
            " release.",
            "The day of an event that others saw, such as a stay in hospital, points to a person; time between events does"
            " not need it.",
            measurement=(7_088_310, 7_088_310, 14_176_620), observation=(3_947_800, 3_947_800, 7_895_600),
        ),
    ]  # fmt: skip


def check(name, outcome="passed", figure=0, threshold=0):
    return {"id": name, "outcome": outcome, "figure": figure, "threshold": threshold}


def checks(stopped=""):
    found = [
        check("structure.columns"), check("privacy.birth"), check("privacy.free_text"), check("consent.ehr"),
        check("identifiers.scan"), check("quality.isStandardValidConcept", "warned", 2), check("drift.people", "passed", 4.31, 30),
        check("risk.limits"), check("reconcile.rows"), check("files.intact"),
    ]  # fmt: skip
    over = {
        "drift.rows": check("drift.rows", "failed", 61.2, 50),
        "privacy.true_dates": check("privacy.true_dates", "failed", 12),
    }
    return [*found, *([over[stopped]] if stopped else [])]


def difference():
    return {
        "from": "2026Q3R1",
        "manifest": "0" * 64,
        "people": {
            "lost": {"withdrew": 60, "left the program": None},
            "gained": {"joined since": 1_860, "were left out before": 80},
        },
        "tables": {
            "concept": {"rows": [2_670, 2_684]},
            "death": {"rows": [418, 412], "rows_of_people": [6, 0], "people": [None, 0], "concepts": [0, 0]},
            "measurement": {
                "rows": [6_790_122, 7_088_310], "rows_of_people": [11_204, 301_992], "people": [80, 1_940], "concepts": [3, 21],
            },
            "observation": {
                "rows": [3_950_033, 3_947_800], "rows_of_people": [41, 0], "people": [None, 0], "concepts": [0, 0],
            },
            "person": {"rows": [40_163, 42_017], "rows_of_people": [71, 1_928], "people": [80, 1_940]},
        },
        "reasons": [
            "people left: all their rows are gone",
            "people came: all their rows are new",
            "the data cutoff moved from 2026-08-31 to 2026-11-25: facts between are new",
            "facts and corrections that came since are known now",
            "rules changed: quality.weights, suppress.concepts",
            "generalise.state depends on who else is there: a state is named while enough of its people are in the release",
        ],
    }  # fmt: skip


def told(tier, *, stopped="", first=False):
    """What a manifest tells of a tier; with a check that stops it; the first of its tier, or beside the one before."""
    common = {
        "data_cutoff": "2026-11-25", "last_day": "2025-11-26" if tier == "registered" else "2026-11-25",
        "software": "commonweal 1.0", "protocol": {"name": "Commonweal", "version": "3"}, "engine": "duckdb",
        "checks": checks(stopped),
    }  # fmt: skip
    if tier == "public":
        before = None if first else {"name": "2026Q3R1", "manifest": "0" * 64}
        found = [check("public.tables"), check("public.numbers"), check("public.true"), check("files.intact")]
        tables = [{"name": name, "rows": n} for name, n in PUBLIC_ROWS.items()]
        counts = {"participants": 42_020, "gate": {"min_cell": 20, "round_to": 20}, "rules": [], "told_before": before}
        return common | counts | {"tables": tables, "checks": found}
    tables = [{"name": name, "rows": n} for name, n in ROWS.items()]
    beside = {} if first else {"difference": difference()}
    return common | {"participants": 42_017, "rules": rules(), "tables": tables} | beside


def add(release="2026Q4R1", tiers=("registered", "controlled", "public"), **how):
    from commonweal.vault.staff.models import ReleaseTier

    return [
        ReleaseTier.objects.create(
            release=release, tier=tier, data_cutoff=date(2026, 11, 25), told=told(tier, **how), checked_at=CHECKED
        )
        for tier in tiers
    ]


def publish(release="2026Q4R1", tiers=("registered", "controlled", "public")):
    from commonweal.vault.voice.models import ReleaseRoll

    for tier in tiers:
        ReleaseRoll.objects.create(
            release=release, tier=tier, data_cutoff=date(2026, 11, 25), published_at=CHECKED, members=b""
        )


def stages(now, *upto, share=None, tier="registered"):
    """Stages that ended ten seconds each before `now`, and the last of `upto` under way since thirty seconds."""
    found, since = [], now - timedelta(seconds=30 + 10 * (len(upto) - 1))
    for what in upto:
        until = since + timedelta(seconds=10)
        own = tier if what in ("rules", "periods", "looking", "risk", "checking", "counting") else ""
        found.append(
            {
                "what": what,
                "tier": own,
                "since": since.isoformat(),
                "until": until.isoformat(),
                "share": None,
                "words": what,
            }
        )
        since = until
    found[-1] |= {"until": None, "share": share}
    return found
