"""People who are left out, and what of the others is not used: after they stopped, after they died."""

import ibis

from commonweal.curation.rules.base import Rows, Rule
from commonweal.omop.tables import WEARABLES


def _no_birth_date(rows: Rows) -> Rows:
    return rows.remove(rows.table.p_birth_date.isnull())


def _minors(rows: Rows) -> Rows:
    return rows.remove(rows.table.p_age_at_consent.isnull() | (rows.table.p_age_at_consent < 18))


def _very_old(rows: Rows) -> Rows:
    cap = rows.facts.privacy.age_cap
    return rows if cap is None else rows.remove(rows.table.p_age_at_cutoff >= cap)


def _deactivated(rows: Rows) -> Rows:
    if rows.main_date is None:
        return rows
    if rows.spec.name in WEARABLES:  # days of the wearer's own clock, which may be 12 hours behind ours
        return rows.remove(rows.day >= (rows.table.p_deactivated_at - ibis.interval(hours=12)).cast("date"))
    day, stamp = rows.table[rows.main_date], rows.main_date + "time"
    moment = day.cast("timestamp")
    if rows.has(stamp):
        moment = ibis.coalesce(rows.table[stamp], moment)
    return rows.remove(moment > rows.table.p_deactivated_at)


def _after_death(rows: Rows) -> Rows:
    if rows.main_date is None or rows.spec.name == "death":
        return rows
    limits, died = rows.facts.privacy, rows.table.p_death_date
    believed = died.between(ibis.literal(limits.records.first_death), ibis.literal(rows.facts.cutoff))
    last = died + ibis.interval(days=limits.days_after_death)
    return rows.remove(believed & (rows.day > last))


NO_BIRTH_DATE = Rule(
    "lifecycle.no_birth_date",
    1,
    "House: ages cannot be guarded without it",
    "People whose birth date is not known are left out.",
    _no_birth_date,
    reason="Whether somebody is a minor, or older than the age cap, cannot be told of them.",
)
MINORS = Rule(
    "lifecycle.minors",
    1,
    "Reference 2, RemoveParticipantsUnder18Years",
    "People under 18 when they first agreed to take part are left out.",
    _minors,
    reason="A minor cannot agree for themselves.",
)
VERY_OLD = Rule(
    "lifecycle.very_old",
    1,
    "Reference 3, age limit of the registered tier; decision: true age at the data cutoff, the limit itself is out",
    "People who have reached the age cap (89) at the data cutoff are left out.",
    _very_old,
    reason="So few people reach that age that it points to them.",
    parameters=("age_cap",),
)
DEACTIVATED = Rule(
    "lifecycle.deactivated",
    1,
    "Reference 2, RemoveParticipantDataPastDeactivationDate",
    "Rows dated after the person's deactivation go; what was given before stays. Of a wearable, the whole day goes.",
    _deactivated,
    reason="Who has stopped taking part gives nothing more from that moment on.",
)
AFTER_DEATH = Rule(
    "lifecycle.after_death",
    1,
    "Reference 2, NoDataAfterDeath",
    "Rows dated more than 30 days (days_after_death) after the person's death go. A death whose date is not believed"
    " (quality.death_dates) does not count.",
    _after_death,
    reason="They are another person's, or errors; late laboratory results and bills are let through.",
    parameters=("days_after_death", "records.first_death"),
)

RULES = (NO_BIRTH_DATE, MINORS, VERY_OLD, DEACTIVATED, AFTER_DEATH)
CONTROLLED = (NO_BIRTH_DATE, MINORS, DEACTIVATED, AFTER_DEATH)  # the age is no secret where dates are real
