"""All checks of a built tier, on its files and against the vault."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from commonweal import files
from commonweal.curation import crosswalk, derived, state
from commonweal.curation.checks import dashboard, drift, footers, privacy, scan, scopes, structure, wearables
from commonweal.curation.checks.base import Check, Subject
from commonweal.curation.checks.common_days import common_days
from commonweal.curation.checks.consent import consent, people_without
from commonweal.curation.checks.identifiers import identifiers
from commonweal.curation.layout import Layout
from commonweal.home import Home
from commonweal.omop.tables import Table
from commonweal.protocol import Protocol
from commonweal.protocol.privacy import TierPrivacy

_OTHER = {"registered": "controlled", "controlled": "registered"}


@dataclass(frozen=True)
class Outcome:
    """What the checks say, and what the tier looks like (figures.json)."""

    checks: list[Check]
    figures: dict[str, Any]


def tier_crosswalk(home: Home, tier: str, every: pa.Table | None = None) -> pa.Table:
    """participant, research_id (of `tier`), other (the research id in the other tier), shift of everyone who has one.

    `every`: crosswalks that were opened already (crosswalk.py); by default all are.
    """
    every = crosswalk.load(home) if every is None else every
    return pa.table({
        "participant": every["participant"], "research_id": every[tier], "other": every[_OTHER[tier]], "shift": every["shift"],
    })  # fmt: skip


def run(
    con: duckdb.DuckDBPyConnection,
    layout: Layout,
    folder: Path,
    tier: str,
    protocol: Protocol,
    moment: dict[str, Any],
    words_known: bool = False,
    given: pa.Table | None = None,
) -> Outcome:
    """Every check of the tier in `folder`; `moment`: data_cutoff, known_at, grants_as_of as in its manifest.

    `words_known`: `words_TABLE` of it are on `con`, as they are when its vocabulary has been written (derived.py). `given`: the
    crosswalks of those whom the tier was built of, where they are open; anybody else is then a stranger.
    """
    own, limits = protocol.privacy.tier(tier), dashboard.limits(protocol)
    last_day = date.fromisoformat(moment["data_cutoff"]) - timedelta(days=own.date_shift_days_max)
    subject = subject_of(con, layout, folder, tier, last_day, own, given)
    known = dashboard.prepare(con, subject.tables, protocol)

    def questions(spec: Table) -> list[scan.Question]:
        of_days = [*privacy.asked(spec, last_day), *dashboard.of_days(spec, limits, own.date_shift_days_max)]
        others = [*structure.asked(spec, subject.tables), *wearables.asked(spec, own), *dashboard.asked(spec, known)]
        return [*of_days, *others]

    with ThreadPoolExecutor(1) as asking:  # the vault is asked meanwhile: of consent in the end
        told = asking.submit(_vault, con.cursor(), moment)
        subject = replace(subject, seen=looked(subject, questions, words_known))
        judged = dashboard.judge(subject, limits, known)
        figures = drift.figures(subject, judged, protocol.quality.release.drift)
        before = drift.previous(layout.home.releases, layout.name, tier)
        found = [
            *structure.structure(subject),
            *privacy.privacy(subject),
            *common_days(subject),
            *wearables.wearables(subject),
        ]
        of_identifiers = identifiers(subject)
        found += consent(subject, *told.result(), sources(layout, tier))
    found += of_identifiers + dashboard.checks(judged, limits)
    return Outcome(
        [*found, *drift.drift(subject, figures, before, protocol.quality.release.drift, limits.stops)], figures
    )


def subject_of(
    con: duckdb.DuckDBPyConnection,
    layout: Layout,
    folder: Path,
    tier: str,
    last_day: date,
    own: TierPrivacy | None = None,
    given: pa.Table | None = None,
) -> Subject:
    """The tier in `folder`, not looked at yet, with `xw` on `con`."""
    people = tier_crosswalk(layout.home, tier, given)
    con.register("xw_told", people)
    con.execute("CREATE OR REPLACE TABLE xw AS FROM xw_told")
    con.unregister("xw_told")
    tables = derived.open_release(con, folder)
    return Subject(con, folder, tables, people, last_day, layout.raw, own or TierPrivacy(days_after_death=0), tier=tier)


def looked(
    subject: Subject, questions: Callable[[Table], list[scan.Question]], words_known: bool
) -> dict[str, scan.Seen]:
    """What one look at each table sees."""
    specs = subject.specs
    asked = {spec.name: questions(spec) for spec in specs}
    return scan.look(subject.con, subject.folder, specs, asked, words_known)


def sources(layout: Layout, tier: str) -> dict[str, str]:
    """Source -> its name in the release, as the rules of the tier knew them."""
    kept = layout.kept(tier) / "facts.json"
    return dict(files.load_json(kept)["sites"]) if kept.exists() else {}


def no_longer_granted(con: duckdb.DuckDBPyConnection, layout: Layout, folder: Path, tier: str, now: datetime) -> int:
    """People of a tier who lack, at `now`, a grant that their rows in it need."""
    from commonweal.vault.consent.bulk import population_grants

    subject = subject_of(con, layout, folder, tier, now.date())
    for spec in subject.specs:
        if scan.person_of(spec):
            scan.people(con, spec, footers.of(folder, spec.name))
    return people_without(subject, population_grants(now, now, wanted=scopes.known), sources(layout, tier))


def _vault(con: duckdb.DuckDBPyConnection, moment: dict[str, Any]) -> tuple[pa.Table, pa.Table]:
    """Grants, and test people."""
    return _grants(con, moment), _test_people()


def _grants(con: duckdb.DuckDBPyConnection, moment: dict[str, Any]) -> pa.Table:
    """The grants in force then, as known then: no fact that comes in later can change them, so that one build asks once."""
    from commonweal.vault.consent.bulk import population_grants

    at = [moment[name] for name in ("grants_as_of", "known_at")]
    place = f"grants_{state.digest(at)[:16]}"
    if not con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = ?", [place]).fetchall():
        con.register("grants_told", population_grants(*map(datetime.fromisoformat, at), wanted=scopes.known))
        con.execute(f"CREATE TABLE {place} AS FROM grants_told")
        con.unregister("grants_told")
    return con.execute(f"FROM {place}").to_arrow_table()


def _test_people() -> pa.Table:
    from commonweal.vault import columns

    return columns.read("SELECT id AS participant FROM people_participant WHERE is_test")
