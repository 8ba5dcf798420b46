"""What nobody may work out from the public tier, by somebody who has all its tables, of this release and the one before.

The attacker knows how numbers are told (rounded up, those of few not shown) and what adds up to what, and narrows every
number down as far as that allows. Each attack is shown to work where its defence is off.
"""

import shutil
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from commonweal.curation import events
from commonweal.curation.extract.surveys import PATIENT_SURVEY
from commonweal.curation.public import building, gate, standing
from commonweal.curation.rules.generalise.concepts import FEMALE, MALE
from commonweal.disclosure import Policy, facets
from commonweal.disclosure.suppression import UNBOUNDED
from commonweal.omop import tables as cdm
from tests.curated import World, bytes_of

FIRST, SECOND = "2026Q4R1", "2026Q4R2"
COMMON, RARE, QUESTION = 201826, 4_000_001, 1585855
SEXES = {"female": FEMALE, "male": MALE, "other or not told": 0}
FEW, BIN = 20, 20


@dataclass
class Person:
    """Somebody of the registered tier that the public one is made of."""

    sex: str = "female"
    born: int = 1980
    has: tuple[int, ...] = ()
    answer: int | None = None


@pytest.fixture(scope="module")
def program(django_db_setup, django_db_blocker, tmp_path_factory):
    """A program of which two releases are built; tests put the people that they need into the registered tier."""
    from django.core.management import call_command

    from commonweal.home import Home

    root = tmp_path_factory.mktemp("public")
    for part in ("vault/store", "research", "commons/releases", "protocol", "vocabulary"):
        (root / "home" / part).mkdir(parents=True, exist_ok=True)
    with django_db_blocker.unblock():
        world = World(Home.locate(root / "home"))
        world.crowd(1).build(FIRST)
        shutil.copytree(world.home.releases / FIRST, world.home.releases / SECOND)
        yield Program(world)
        call_command("flush", interactive=False, verbosity=0)


@dataclass
class Program:
    world: World

    def release(self, people, name=FIRST):
        """What the public tier of these people tells: table -> rows. It counts as published for what comes after."""
        folder = self.world.home.releases / name
        _put(folder / "registered", people)
        for public in {folder / "public", self.world.home.releases / SECOND / "public"}:
            shutil.rmtree(public, ignore_errors=True)
        assert self.world.build(name, tiers=("public",))["built"]["public"]["checks_failed"] == []
        public = folder / "public"
        for event in ("checked", "published"):
            details = {"passed": True}
            events.append(self.world.home, public, event, release=name, tier="public", actor="test", details=details)
        return {place.name: pq.read_table(place).to_pylist() for place in (public / "tables").iterdir()}

    def bytes(self):
        return b"".join(bytes_of(self.world.home.releases / FIRST / "public").values())


def _put(tier, people):
    numbered = list(enumerate(people, 1))
    _table(tier, "person", [
        {"person_id": n, "year_of_birth": p.born, "gender_concept_id": 0, "race_concept_id": 0, "ethnicity_concept_id": 0}
        for n, p in numbered
    ])  # fmt: skip
    _table(tier, "person_ext", [{"person_id": n, "sex_at_birth_concept_id": SEXES[p.sex]} for n, p in numbered])
    had = [{"person_id": n, "condition_concept_id": concept} for n, p in numbered for concept in p.has]
    _table(tier, "condition_occurrence", had)
    answers = [
        {"person_id": n, "observation_type_concept_id": PATIENT_SURVEY, "observation_concept_id": QUESTION,
         "observation_source_concept_id": QUESTION, "value_as_concept_id": p.answer, "observation_date": date(2024, 1, 1)}
        for n, p in numbered if p.answer
    ]  # fmt: skip
    _table(tier, "observation", answers)
    for name in ("visit_occurrence", "measurement", "drug_exposure", "procedure_occurrence", "survey_conduct"):
        _table(tier, name, [])


def _table(tier, name, rows):
    place = tier / "tables" / name
    place.mkdir(exist_ok=True)
    for old in place.iterdir():
        old.unlink()
    schema = cdm.tables()[name].schema
    pq.write_table(
        pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in rows], schema), place / "0.parquet"
    )


# the attacker


def known(people, bin_=BIN):
    """(least, most) that a told number can be."""
    if people is None:
        return 0, UNBOUNDED
    return (0, 0) if people == 0 else (max(people - bin_, FEW) + 1, people)


def narrowed(cells, sums):
    """`cells`: name -> (least, most). `sums`: (whole, its parts). The same, as narrow as the sums make them."""
    cells, before = dict(cells), None
    while cells != before:
        before = dict(cells)
        for whole, parts in sums:
            low, high = (sum(cells[p][side] for p in parts) for side in (0, 1))
            cells[whole] = max(cells[whole][0], low), min(cells[whole][1], high)
            for part in parts:
                others = [cells[p] for p in parts if p != part]
                least = cells[whole][0] - sum(o[1] for o in others)
                most = cells[whole][1] - sum(o[0] for o in others)
                cells[part] = max(cells[part][0], least), min(cells[part][1], most)
    return cells


def of_groups(rows, key, bin_=BIN):
    """Ranges of the numbers of each group (concept or answer), by sex and by age band; and what adds up in them."""
    cells = {(r[key], r["sex_at_birth"], r["age_band"]): known(r["people"], bin_) for r in rows}
    sums = []
    for group in dict.fromkeys(name for name, *_ in cells):
        parts = [c for c in cells if c[0] == group]
        sums += [((group, "all", "all"), [c for c in parts if c[2] == "all" != c[1]])]
        sums += [((group, "all", "all"), [c for c in parts if c[1] == "all" != c[2]])]
    return cells, sums


def singled_out(cells, name):
    """Whether the attacker rules out some of the numbers from 1 to 20: they learn something of so few people."""
    least, most = cells[name]
    return least > 1 or most < FEW


def primary_alone(edges, policy, totals_of, last):
    """Only numbers of few people are hidden, nothing beside them."""
    return {name for name, edge in edges.items() if 0 < edge.value <= policy.min_cell}


defence = pytest.mark.parametrize("defended", [True, False])


@defence
def test_the_parts_of_a_total_do_not_leave_the_last_of_them(program, monkeypatch, defended):
    """19 answers of 21 people each are told as 40; with 400 told as 400, one person is left for the last answer."""
    if not defended:
        monkeypatch.setattr(facets, "hidden", primary_alone)
    people = [Person(answer=1000 + n // 21) for n in range(399)] + [Person(answer=2000)]
    cells, sums = of_groups(program.release(people)["survey_answers"], "answer_concept_id")
    answers = [name for name in cells if name[0] is not None]
    sums += [((None, s, a), [n for n in answers if n[1:] == (s, a)]) for s, a in {c[1:] for c in cells}]
    found = narrowed(cells, sums)
    if defended:
        assert not singled_out(found, (2000, "all", "all"))
    else:
        assert found[2000, "all", "all"][1] == 1


@defence
def test_a_total_less_its_other_parts_is_not_a_person(program, monkeypatch, defended):
    """Of 105 people with a condition 60 are women and 44 men: without rounding, and with the last number alone hidden, one is left."""
    bin_ = BIN if defended else 1
    if not defended:
        monkeypatch.setattr(facets, "hidden", primary_alone)
        monkeypatch.setattr(building, "policy_of", lambda _: Policy(min_cell=FEW, round_to=1))
    sexes = ["female"] * 60 + ["male"] * 44 + ["other or not told"]
    rows = program.release([Person(sex=sex, has=(COMMON,)) for sex in sexes])["concept_counts"]
    found = narrowed(*of_groups(rows, "concept_id", bin_))
    last = found[COMMON, "other or not told", "all"]
    assert last == (1, 1) if not defended else not singled_out(found, (COMMON, "other or not told", "all"))


@defence
def test_a_nought_beside_few_does_not_say_what_all_of_them_are(program, monkeypatch, defended):
    """Five people gave an answer. Where men are told as nobody, all five are known to be women of one age."""
    if not defended:
        monkeypatch.setattr(facets, "hidden", primary_alone)
    people = [Person(sex=("female", "male")[n % 2], born=1950 + n, answer=1000) for n in range(50)]
    people += [Person(answer=2000) for _ in range(5)]
    rows = program.release(people)["survey_answers"]
    told = {r["sex_at_birth"]: r["people"] for r in rows if r["answer_concept_id"] == 2000 and r["age_band"] == "all"}
    assert told == {"all": None, "female": None} | dict.fromkeys(["male", "other or not told"], None if defended else 0)


@defence
def test_nobody_is_known_by_what_they_alone_have(program, monkeypatch, defended):
    """That a condition is there at all says that somebody of this program has it."""
    if not defended:
        monkeypatch.setattr(gate, "LISTED", ())
    rows = program.release([Person(has=(COMMON,)) for _ in range(40)] + [Person(has=(COMMON, RARE))])["concept_counts"]
    assert {r["concept_id"] for r in rows} == ({COMMON} if defended else {COMMON, RARE})
    assert str(RARE).encode() not in program.bytes()  # and in no other file


@defence
def test_the_number_of_everybody_does_not_narrow_down_the_few(program, monkeypatch, defended):
    """21 women and a man: from everybody, told as 40, and the least that can be shown for the women, at most 19 are left."""
    if not defended:
        monkeypatch.setattr(facets, "hidden", primary_alone)
    told = program.release([Person() for _ in range(21)] + [Person(sex="male")])
    cells = {r["value"]: known(r["people"]) for r in told["demographics"] if r["topic"] == "sex"}
    cells["everybody"] = known(next(r["people"] for r in told["totals"] if r["group"] == "everybody"))
    found = narrowed(cells, [("everybody", ["female", "male"])])
    assert singled_out(found, "male") is not defended


@defence
@pytest.mark.parametrize("where", ["concept", "answer", "new answer"])
def test_two_releases_do_not_tell_of_the_one_who_left(program, monkeypatch, defended, where):
    """A neighbour is known to have left between two releases. 41 are told as 60 and 40 as 40: so they were among them.

    `new answer`: somebody else came, with an answer that nobody had given before; then, too, numbers stand.
    """
    if not defended:
        monkeypatch.setattr(standing.Before, "stand", lambda self, fresh, few: fresh)
    there = [Person(has=(COMMON,), answer=1000) for _ in range(41)] + [Person() for _ in range(30)]
    table = "concept_counts" if where == "concept" else "survey_answers"
    before = program.release(there)
    came = [Person(answer=2000)] if where == "new answer" else []
    after = program.release(there[1:] + came, SECOND)
    assert (before[table] == after[table]) is defended
    whole = [next(r["people"] for r in told[table]) for told in (before, after)]
    assert whole == ([60, 60] if defended or came else [60, 40])


def test_the_attacker_can_subtract():
    cells = {"all": (100, 100), "a": (30, 40), "b": (50, 50), "c": (0, UNBOUNDED)}
    assert narrowed(cells, [("all", ["a", "b", "c"])])["c"] == (10, 20)
    assert [known(n) for n in (None, 0, 40)] == [(0, UNBOUNDED), (0, 0), (21, 40)]
    assert known(41, 1) == (41, 41)
