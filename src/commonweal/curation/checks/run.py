"""All checks of a built tier, on its files and against the vault."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from commonweal.curation import crosswalk, derived
from commonweal.curation.checks.base import Check, Subject
from commonweal.curation.checks.common_days import common_days
from commonweal.curation.checks.consent import consent
from commonweal.curation.checks.identifiers import identifiers
from commonweal.curation.checks.privacy import privacy
from commonweal.curation.checks.structure import structure
from commonweal.curation.checks.wearables import wearables
from commonweal.home import Home
from commonweal.protocol.privacy import TierPrivacy


def tier_crosswalk(home: Home, tier: str) -> pa.Table:
    """participant, research_id (of `tier`), shift of everyone who has one."""
    every = crosswalk.load(home)
    return pa.table({"participant": every["participant"], "research_id": every[tier], "shift": every["shift"]})


def run(
    con: duckdb.DuckDBPyConnection,
    home: Home,
    folder: Path,
    tier: str,
    privacy_rules: TierPrivacy,
    moment: dict[str, Any],
) -> list[Check]:
    """Every check of the tier in `folder`; `moment`: data_cutoff, known_at, grants_as_of as in its manifest."""
    from commonweal.vault import columns
    from commonweal.vault.consent.bulk import population_grants

    people = tier_crosswalk(home, tier)
    subject = Subject(
        con=con,
        folder=folder,
        tables=derived.open_release(con, folder),
        crosswalk=people,
        last_day=date.fromisoformat(moment["data_cutoff"]) - timedelta(days=privacy_rules.date_shift_days_max),
        small_state=privacy_rules.small_state,
    )
    grants = population_grants(*(datetime.fromisoformat(moment[name]) for name in ("grants_as_of", "known_at")))
    made_up = columns.read("SELECT id AS participant, is_test FROM people_participant")
    tests = made_up.filter(made_up["is_test"]).select(["participant"])
    found = [*structure(subject), *privacy(subject), *common_days(subject), *wearables(subject, privacy_rules)]
    return [*found, *consent(subject, grants, tests), *identifiers(subject)]
