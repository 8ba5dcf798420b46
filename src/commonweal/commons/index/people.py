"""People by what they are: one set for each sex, race, ethnicity, kind of data held and year of birth."""

from itertools import accumulate
from operator import or_
from pathlib import Path

import numpy as np
from pyroaring import BitMap

from commonweal.commons.cohort.criteria import HELD
from commonweal.commons.cohort.genome import ANCESTRY, PREDICTED, of_ancestry
from commonweal.commons.cohort.people import holders, people
from commonweal.commons.index.bitmaps import Writer, save_lookup
from commonweal.commons.index.layout import Part
from commonweal.commons.release import Release
from commonweal.errors import BadInput
from commonweal.genomics.ancestry import ANCESTRIES


def save_people(release: Release, folder: Path, sets: Writer) -> tuple[np.ndarray, list[str]]:
    """Writes persons, days of birth and the sets; returns person ids by ordinal and which sets there are."""
    found = people(release)
    with release.cursor() as cursor:
        rows = cursor.execute(
            f"SELECT person_id, birth, birth_year FROM ({release.sql(found)}) ORDER BY person_id"
        ).fetchnumpy()
    persons = np.ma.getdata(rows["person_id"]).astype(np.int64)
    birth = rows["birth"]
    if len(np.unique(persons)) != len(persons) or np.ma.count_masked(birth):
        raise BadInput("index: the person table has somebody twice, or without a year of birth; mend it first")
    days = np.ma.getdata(birth).astype("datetime64[D]")
    np.save(folder / "persons.npy", persons)
    np.save(folder / "birth.npy", days.astype(np.int32))
    years = rows["birth_year"]
    np.save(folder / "year_of_birth.npy", np.ma.filled(years, 0).astype(np.int32))
    kept = {"born_by": _up_to(_by(days.astype("datetime64[Y]").astype(np.int64) + 1970))}
    kept |= _by_concept(
        release, persons, "person", {key: f"{key}_concept_id" for key in ("gender", "race", "ethnicity")}
    )
    if release.has("person_ext", "sex_at_birth_concept_id"):
        kept |= _by_concept(release, persons, "person_ext", {"sex_at_birth": "sex_at_birth_concept_id"})
    else:
        kept["sex_at_birth"] = kept["gender"]
    if release.has("death"):
        kept["deceased"] = {1: _members(release, persons, release.table("death")[["person_id"]])}
    if release.has(ANCESTRY, PREDICTED):
        kept["ancestry"] = {
            n: _members(release, persons, of_ancestry(release, [label])) for n, label in enumerate(ANCESTRIES)
        }
    held = {n: _held(release, kind) for n, kind in enumerate(HELD)}
    kept["has"] = {n: _members(release, persons, table) for n, table in held.items() if table is not None}
    for key, by in kept.items():
        save_lookup(Part(folder, f"people.{key}"), {i: sets.add(members) for i, members in by.items()})
    known = [*(k for k in kept if k != "has"), *(f"has.{HELD[n]}" for n in kept["has"])]
    return persons, known if np.ma.count_masked(years) else [*known, "year_of_birth"]


def _held(release: Release, kind: str):  # type: ignore[no-untyped-def]
    try:
        return holders(release, kind)
    except BadInput:
        return None


def _by(values: np.ndarray) -> dict[int, BitMap]:
    order = np.argsort(values, kind="stable").astype(np.uint32)
    ids, begins = np.unique(values[order], return_index=True)
    return {int(i): BitMap(part) for i, part in zip(ids, np.split(order, begins[1:]), strict=True)} if len(ids) else {}


def _up_to(by: dict[int, BitMap]) -> dict[int, BitMap]:
    """Each set with those of all smaller ids in it."""
    return dict(zip(sorted(by), accumulate((by[i] for i in sorted(by)), or_), strict=True))


def _by_concept(
    release: Release, persons: np.ndarray, table: str, columns: dict[str, str]
) -> dict[str, dict[int, BitMap]]:
    """The people of each concept that stands in a column; `columns`: what each is called here."""
    there = {key: column for key, column in columns.items() if release.has(table, column)}
    asked = ", ".join(f'"{column}" AS "{key}"' for key, column in there.items())
    with release.cursor() as cursor:
        rows = cursor.execute(f'SELECT person_id, {asked} FROM "{table}"').fetchnumpy() if there else {}
    found: dict[str, dict[int, BitMap]] = {key: {} for key in columns}
    for key in there:
        filled = ~np.ma.getmaskarray(rows[key])
        ids, people = np.ma.getdata(rows[key])[filled], np.ma.getdata(rows["person_id"])[filled]
        order = np.argsort(ids, kind="stable")
        concepts, begins = np.unique(ids[order], return_index=True)
        parts = np.split(people[order], begins[1:]) if len(concepts) else []
        found[key] = {int(i): _ordinals(persons, part) for i, part in zip(concepts, parts, strict=True)}
    return found


def _members(release: Release, persons: np.ndarray, table) -> BitMap:  # type: ignore[no-untyped-def]
    with release.cursor() as cursor:
        found = cursor.execute(f"SELECT DISTINCT person_id FROM ({release.sql(table)})").fetchnumpy()["person_id"]
    return _ordinals(persons, np.ma.getdata(found))


def _ordinals(persons: np.ndarray, ids: np.ndarray) -> BitMap:
    """The people of these ids who are in the release."""
    places = np.searchsorted(persons, ids)
    places = places[(places < len(persons)) & (persons[np.minimum(places, max(len(persons) - 1, 0))] == ids)]
    return BitMap(places.astype(np.uint32))
