"""Cohorts by genotype: right about real genotypes by the index and by the engine, and clear about files that do not fit."""

import gc
import gzip
import json
import os
import shutil
import subprocess
import sys
from itertools import product

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from commonweal import commons
from commonweal.commons.cohort.database import sql as sql_elsewhere
from commonweal.commons.cohort.definition import parse
from commonweal.commons.genotypes import CallSets
from commonweal.commons.index import layout
from commonweal.commons.index.build import build
from commonweal.errors import BadInput
from commonweal.genomics.variant import Variant
from commonweal.omop.tables import tables
from tests import genotypes, releases

SITES = ["22-100-A-G", "22-200-C-CT", "22-200-C-T"]
COPIES = [[0, 1, 2, -9], [0, 0, 1, 2], [2, 2, 2, 2]]
CARRIERS = {"22-100-A-G": 2, "22-200-C-CT": 2, "22-200-C-T": 4}


def genome(**asked):
    return {"version": 1, "include": [{"any": [{"type": "genome", **asked}]}]}


def having(kind):
    return {"version": 1, "include": [{"any": [{"type": "person", "has": [kind]}]}]}


def people(folder, ids, predicted=()):
    """The tables of a folder: people, and the ancestry of some."""
    folder.mkdir(exist_ok=True)
    rows = [{"person_id": int(p), "year_of_birth": 1980, "gender_concept_id": 8532} for p in ids]
    pq.write_table(pa.Table.from_pylist(rows, tables()["person"].schema), folder / "person.parquet")
    if len(predicted):
        told = [
            {"person_id": int(p), "ancestry_pred": a, "ancestry_pred_other": a}
            for p, a in zip(ids, predicted, strict=False)
        ]
        pq.write_table(pa.Table.from_pylist(told, tables()["ancestry"].schema), folder / "ancestry.parquet")


def opened(folder):
    """As a process of its own would open it."""
    return commons.Release(folder, name="own", tier="", gated=False)


def indexed(folder):
    build(opened(folder), layout.place(folder))
    release = opened(folder)
    assert release.counter is not None
    return release


@pytest.fixture
def folder(tmp_path):
    """Five people; four are sequenced, in another order than that of the person table."""
    people(tmp_path / "own", [3, 5, 7, 9, 11], ["afr", "eur", "afr", "oth"])
    genotypes.write(tmp_path / "own", "wgs", "chr22", [9, 7, 5, 3], SITES, COPIES)
    return tmp_path / "own"


def counted(release, definition):
    return release.cohort(definition).count().persons


@pytest.fixture(scope="module")
def sequenced(shared_data, tmp_path_factory):
    path = shared_data / "genomics" / "1kg_phase3_chr22_10k" / "filtered.10k.chr22.phase3.genotypes.vcf.gz"
    if not path.is_file():
        pytest.skip(f"there are no {path.name}")
    with gzip.open(path, "rb") as file:
        rows = [line.rstrip().split(b"\t", 9) for line in file if not line.startswith(b"#")]
    rows = [row for row in rows if b"," not in row[4]]
    calls = [np.frombuffer(row[9] + b"\t", np.uint8).reshape(-1, 4) for row in rows]  # 0|1 and a tab
    found = np.array([(call[:, 0] == ord("1")).astype(np.int8) + (call[:, 2] == ord("1")) for call in calls])
    sites = [b"-".join([row[0], row[1], row[3], row[4]]).decode() for row in rows]
    folder = tmp_path_factory.mktemp("real") / "own"
    ids = np.random.default_rng(7).permutation(np.arange(1_000_000, 1_000_000 + found.shape[1]))
    people(folder, [*ids, 5, 6], np.random.default_rng(8).choice(["afr", "amr", "eur", "oth"], len(ids)))
    genotypes.write(folder, "wgs", "chr22", ids, sites, found)
    return folder, sites, found


class TestRealGenotypes:
    """Of 1000 Genomes: 2,504 people sequenced at 9,673 places of chromosome 22, and an array of 1,092 people as a .bed."""

    def test_counts_are_those_of_the_file_read_line_by_line(self, sequenced):
        folder, sites, found = sequenced
        asked = range(0, len(sites), 400)
        wanted = {None: (1, 2), "0/0": (0,), "1/1": (2,)}
        for release in (opened(folder), indexed(folder)):
            for place, genotype in product(asked, wanted):
                definition = genome(variant=sites[place], **({"genotype": [genotype]} if genotype else {}))
                # of two lines at one place with the same alleles the first counts
                first = sites.index(sites[place])
                assert counted(release, definition) == np.isin(found[first], wanted[genotype]).sum(), sites[place]
            assert counted(release, having("wgs")) == found.shape[1]

    def test_who_is_asked_about_is_who_answers(self, sequenced):
        folder, sites, found = sequenced
        common = int(np.argmax((found == 1).sum(axis=1)))
        ids = [int(p) for p in (folder / "genotypes/wgs/chr22.psam").read_text().split()[1:]]
        told = duckdb.sql(f"SELECT person_id FROM '{folder}/ancestry.parquet' WHERE ancestry_pred_other = 'amr'")
        wanted = {p for p, n in zip(ids, found[common], strict=True) if n == 1} & {p for (p,) in told.fetchall()}
        for release in (opened(folder), indexed(folder)):
            cohort = release.cohort(genome(variant=f"chr{sites[common]}", genotype=["0/1"], ancestry=["amr"]))
            assert len(wanted) > 100
            assert set(cohort.persons()["person_id"].to_pylist()) == wanted

    def test_a_bed_file_is_read_as_its_bits_say(self, shared_data, tmp_path):
        inside = shared_data / "genomics" / "flashpca_hapmap3_1kg"
        found = sorted(inside.glob("*.bed"))
        if not found:
            pytest.skip(f"there is no .bed in {inside.name}")
        sites = [line.split() for line in found[0].with_suffix(".bim").read_text().splitlines()]
        number = len(found[0].with_suffix(".fam").read_text().splitlines())
        bits = np.frombuffer(found[0].read_bytes()[3:], np.uint8).reshape(len(sites), -1)
        codes = ((bits[:, :, None] >> np.array([0, 2, 4, 6])) & 3).reshape(len(sites), -1)[:, :number]
        people(tmp_path / "own", range(1, number + 1))
        array = tmp_path / "own" / "genotypes" / "array"
        array.mkdir(parents=True)
        for end in (".bed", ".bim"):
            shutil.copy(found[0].with_suffix(end), array / f"all{end}")
        (array / "all.fam").write_text("".join(f"0 {p} 0 0 0 -9\n" for p in range(1, number + 1)))
        release = opened(tmp_path / "own")
        for place in range(0, len(sites), 500):
            contig, _, _, position, alternate, reference = sites[place]
            variant = "-".join([contig, position, reference, alternate])
            both, one = (codes[place] == 0).sum(), (codes[place] == 2).sum()
            assert counted(release, genome(variant=variant)) == both + one
            assert counted(release, genome(variant=variant, genotype=["1/1"])) == both
        assert counted(release, having("array")) == number


def test_by_the_index_and_by_the_engine(folder):
    for release in (opened(folder), indexed(folder)):
        assert {v: counted(release, genome(variant=v)) for v in SITES} == CARRIERS
        assert counted(release, genome(variant=SITES[0], genotype=["0/0", "1/1"])) == 2
        assert counted(release, genome(ancestry=["afr", "oth"])) == 3
        assert counted(release, having("wgs")) == 4
        without = {"version": 1, "exclude": genome(variant=SITES[0])["include"]}
        assert counted(release, without) == 3  # whose genotype is not known carries nothing that is known


def test_of_who_is_in_both_call_sets_the_sequence_counts(folder):
    genotypes.write(folder, "array", "all", [11, 9, 3], ["22-100-A-G"], [[1, 2, 2]])
    for release in (opened(folder), indexed(folder)):
        both = release.cohort(genome(variant="22-100-A-G", genotype=["1/1"]))
        assert sorted(both.persons()["person_id"].to_pylist()) == [3, 5]  # 3: unknown to the sequence; 9 has 0/0
        assert counted(release, genome(variant="22-100-A-G", genotype=["0/1"])) == 2


def test_call_sets_may_lie_in_several_files_and_be_compressed(folder):
    genotypes.write(folder, "wgs", "chrX", [3, 5, 7, 9], ["X-7-G-A"], [[2, 0, 0, 0]])
    plain = folder / "genotypes" / "wgs" / "chrX.pvar"
    packed = plain.read_text().replace("X\t7", "chrX\t7").encode()
    with pa.output_stream(str(plain) + ".zst", compression="zstd") as file:
        file.write(packed)
    plain.unlink()
    release = indexed(folder)
    assert counted(release, genome(variant="chrX-7-G-A", genotype=["1/1"])) == 1
    assert counted(release, genome(variant=SITES[2])) == 4


def test_by_the_command(folder, tmp_path):
    given = tmp_path / "asked.json"
    given.write_text(json.dumps(genome(variant=SITES[1], ancestry=["afr"])))
    done = subprocess.run(
        [sys.executable, "-m", "commonweal.cli", "cohort", "explain", str(given), "--release", str(folder), "--json"],
        capture_output=True,
        text=True,
        env=os.environ | {"COMMONWEAL_HOME": str(tmp_path / "home")},
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["attrition"][-1]["persons"] == 1
    assert (
        told["words"].splitlines()[-1] == "with predicted genetic ancestry: African, genotype 0/1 or 1/1 at 22-200-C-CT"
    )
    assert "genotypes_22_200" in told["sql"]


def test_in_words_of_both_languages(folder):
    definition = {"version": 1, "include": [*genome(ancestry=["amr"])["include"], *having("array")["include"]]}
    genotypes.write(folder, "array", "all", [3], ["1-5-A-C"], [[0]])
    told = opened(folder).cohort(definition).explain(language="es", sql=False)["words"].splitlines()
    assert told[1:] == [
        "con ascendencia genética estimada: latina o americana mixta",
        "con genotipos de una micromatriz",
    ]


def test_two_ways_to_write_a_variant_are_one_definition():
    plain, written = (parse(genome(variant=v)) for v in ("MT-73-A-G", "chrM-73-A-G"))
    assert plain.sha256 == written.sha256 == parse(genome(variant="M-73-A-G", genotype=["0/1", "1/1"])).sha256


def test_a_variant_that_is_not_there_is_said_with_those_at_its_place(folder):
    for release in (opened(folder), indexed(folder)):
        with pytest.raises(BadInput, match="none such; at that position it has 22-200-C-CT, 22-200-C-T"):
            counted(release, genome(variant="22-200-C-G"))
        with pytest.raises(BadInput, match=r"variant 21-100-A-G: the release has none such; check contig"):
            counted(release, genome(variant="21-100-A-G"))


def test_alleles_that_are_no_letters_are_listed_too(folder):
    _instead(".pvar", "C\tCT", "CTT\t-")(folder)
    _instead(".pvar", "C\tT", "C\t<DEL>")(folder)
    for release in (opened(folder), indexed(folder)):
        with pytest.raises(BadInput, match="at that position it has 22-200-C-<DEL>, 22-200-CTT--;"):
            counted(release, genome(variant="22-200-C-T"))


def test_a_release_without_genotypes_says_so(tmp_path):
    people(tmp_path / "own", [1, 2])
    for release in (opened(tmp_path / "own"), indexed(tmp_path / "own")):
        for asked, what in (
            (genome(variant=SITES[0]), "the release has none such"),
            (genome(ancestry=["afr"]), "no table ancestry"),
            (having("array"), "has array: the release has no such genotypes"),
        ):
            with pytest.raises(BadInput, match=what):
                counted(release, asked)


def test_elsewhere_there_are_no_genotypes():
    for asked, what in (
        (genome(variant=SITES[0]), "no OMOP database has genotypes"),
        (having("wgs"), "no OMOP database has genotypes"),
        (genome(ancestry=["afr"]), "OMOP CDM 5.4 has no table ancestry"),
    ):
        with pytest.raises(BadInput, match=what):
            sql_elsewhere(parse(asked))


def test_the_engine_keeps_no_genotypes_longer_than_they_are_asked_for(folder):
    release = opened(folder)

    cohorts = [release.cohort(genome(variant=v)) for v in SITES]
    assert [c.count().persons for c in cohorts] == [2, 2, 4]
    with release.cursor() as cursor:
        gc.collect()
        assert cursor.execute("SELECT count(*) FROM duckdb_tables()").fetchone() == (3,)
        del cohorts[0]
        gc.collect()
        assert cursor.execute("SELECT count(*) FROM duckdb_tables()").fetchone() == (2,)
        assert cohorts[0].persons().num_rows == 2
        assert not [name for name in release.tables if "genotype" in name]


def test_an_index_is_of_the_genotypes_it_was_built_from(folder):
    assert indexed(folder)
    genotypes.write(folder, "wgs", "chr22", [3, 5, 7, 9], SITES[:2], [[2, 2, 2, 2], [0, 0, 0, 0]])
    later = opened(folder)
    assert later.counter is None
    assert counted(later, genome(variant=SITES[0])) == 4


class TestPublished:
    @pytest.fixture
    def published(self, tmp_path):
        """2,000 people; a common variant of all those with odd ids, one of 20 people, one of 21."""
        genotypes.write(
            tmp_path / "made", "wgs", "chr1", range(1, 2001), ["1-1-A-C", "1-2-A-C", "1-3-A-C"],
            [[p % 2 for p in range(1, 2001)], [p <= 20 for p in range(1, 2001)], [p <= 21 for p in range(1, 2001)]],
        )  # fmt: skip
        folder = releases.write(tmp_path / "made", releases.people(2000), name="2026Q4R1", tier="controlled")
        build(commons.Release(folder, name="", tier="", gated=False), layout.place(folder))
        return folder

    def test_few_carriers_are_not_told(self, published):
        release = commons.Release(published, name="2026Q4R1", tier="controlled", gated=True)
        rare, twenty_one, common = (release.cohort(genome(variant=f"1-{n}-A-C")).count() for n in (2, 3, 1))
        assert (rare.persons, rare.suppressed) == (None, True)
        assert (twenty_one.persons, common.persons) == (40, 1000)

    def test_genotypes_that_the_manifest_does_not_list_are_not_read(self, published):
        genotypes.write(published, "array", "slipped", range(1, 2001), ["1-9-A-C"], [[1] * 2000])
        release = commons.Release(published, name="2026Q4R1", tier="controlled", gated=True)
        assert release.call_sets.kinds == ["wgs"]
        genotypes.write(published, "wgs", "chr1", range(1, 2001), ["1-9-A-C"] * 3, [[1] * 2000] * 3)
        (published / "genotypes" / "wgs" / "chr1.pvar").rename(published / "genotypes" / "wgs" / "chr1.pvar.zst")
        with pytest.raises(BadInput, match="there is no chr1.pvar or .pvar.zst beside it"):
            commons.Release(published, name="2026Q4R1", tier="controlled", gated=True).cohort(having("wgs")).count()
        with pytest.raises(BadInput, match="none such"):
            counted(release, genome(variant="1-9-A-C"))

    def test_a_changed_file_is_seen(self, published):
        release = commons.Release(published, name="2026Q4R1", tier="controlled", gated=True)
        assert release.verify() == []
        with open(published / "genotypes" / "wgs" / "chr1.pvar", "a") as file:
            file.write("1\t4\t.\tA\tC\n")
        (published / "genotypes" / "wgs" / "chr1.psam").unlink()
        assert release.verify() == [
            "genotypes: a file is missing", "genotypes: a file has changed since it was built"
        ]  # fmt: skip


def _cut(folder):
    path = folder / "genotypes/wgs/chr22.pgen"
    path.write_bytes(path.read_bytes()[:-3])


def _other(folder):
    (folder / "genotypes/wgs/chr22.pgen").write_bytes(b"no genotypes" * 20)


def _without(end):
    return lambda folder: (folder / f"genotypes/wgs/chr22{end}").unlink()


def _instead(end, old, new):
    def change(folder):
        path = folder / f"genotypes/wgs/chr22{end}"
        path.write_text(path.read_text().replace(old, new, 1))

    return change


@pytest.mark.parametrize(
    ("spoil", "where", "what"),
    [
        (_cut, "chr22.pgen", "cannot be read; is it whole"),
        (_other, "chr22.pgen", "cannot be read; is it whole"),
        (_without(".psam"), "chr22.pgen", "there is no chr22.psam beside it"),
        (_without(".pvar"), "chr22.pgen", "there is no chr22.pvar or .pvar.zst beside it"),
        (_instead(".psam", "\n7\n", "\nNA12878\n"), "chr22.psam", "line 3: IID is no person_id"),
        (_instead(".psam", "\n7\n", "\n9\n"), "chr22.psam", "somebody is there twice"),
        (_instead(".psam", "\n7\n", "\n8\n"), "chr22.psam", "1 of 4 people are not in the person table"),
        (_instead(".psam", "\n7\n", "\n"), "chr22.pgen", "does chr22.psam belong to it"),
        (_instead(".pvar", "22\t100\t.\tA\tG\n", ""), "chr22.pvar", "it has 2 variants, and chr22.pgen 3"),
        (_instead(".pvar", "C\tCT", "C\tCT,CTT"), "chr22.pvar", "line 4: several alternate alleles; split them"),
        (_instead(".pvar", "22\t100", "22 100"), "chr22.pvar", "line 3: a variant a line is needed, with tabs"),
        (
            _instead(".pvar", "22\t200\t.\tC\tT", "22\there\t.\tC\tT"),
            "chr22.pvar",
            "line 5: a variant a line is needed",
        ),
        (_instead(".pvar", "#CHROM\tPOS", "#CHROM\tWHERE"), "chr22.pvar", "line 2: columns #CHROM, POS, REF and ALT"),
    ],
)
def test_files_that_do_not_fit_are_said_and_no_index_is_made(folder, spoil, where, what):
    spoil(folder)
    for ask in (lambda: counted(opened(folder), genome(variant=SITES[0])), lambda: indexed(folder)):
        with pytest.raises(BadInput) as error:
            ask()
        assert f"genotypes/wgs/{where}: " in str(error.value) and what in str(error.value)
    assert not layout.place(folder).exists()


def test_without_what_reads_them_it_is_said_what_to_install(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "pgenlib", None)
    with pytest.raises(BadInput, match=r"pip install 'commonweal\[genomics\]'"):
        counted(opened(folder), genome(variant=SITES[0]))


def test_a_variant_of_many_is_found_wherever_it_lies(tmp_path):
    """More variants than are read at once, in no order."""
    people(tmp_path / "own", [1, 2])
    number = 400_000
    sites = [f"{1 + n % 3}-{n + 1}-A-{'C' if n % 2 else 'G'}" for n in range(number)]
    carried = np.arange(number)[:, None] % 7 == np.array([0, 1])
    path = genotypes.write(tmp_path / "own", "wgs", "all", [1, 2], sites, carried.astype(np.int8))
    assert path.with_suffix(".pvar").stat().st_size > 5 << 20
    release = indexed(tmp_path / "own")
    for place in (0, 32_767, 32_768, 131_072, 262_143, number - 1, *range(5, number, 30_011)):
        copies = release.call_sets.copies(Variant("123"[place % 3], place + 1, "A", "GC"[place % 2]))
        assert copies.tolist() == carried[place].astype(int).tolist(), place


def test_nothing_is_read_before_something_is_asked(folder):
    _other(folder)
    release = opened(folder)
    assert isinstance(release.call_sets, CallSets)
    assert counted(release, genome(ancestry=["afr"])) == 2


def test_a_genotype_is_a_trait_of_a_summary_table(tmp_path):
    folder = tmp_path / "own"
    people(folder, range(1, 101), ["afr"] * 30 + ["eur"] * 70)
    genotypes.write(folder, "wgs", "chr1", range(1, 101), ["1-5-A-C"], [[n % 2 for n in range(100)]])
    carrier = {"type": "genome", "variant": "1-5-A-C"}
    told = opened(folder).table_one(
        {"African": genome(ancestry=["afr"]), "European": genome(ancestry=["eur"])},
        [carrier, {"of": carrier, "name": "Carriers"}, "wgs"],
    )
    persons = {(row["characteristic"], row["cohort"]): row["persons"] for row in told.table.to_pylist()}
    for name, african, european in (
        ("genotype 0/1 or 1/1 at 1-5-A-C", 15, 35), ("Carriers", 15, 35), ("Whole genome sequence", 30, 70)
    ):  # fmt: skip
        assert (persons[name, "African"], persons[name, "European"]) == (african, european)
    with pytest.raises(BadInput, match="a genome has no days"):
        opened(folder).table_one(genome(ancestry=["afr"]), [{"of": carrier, "days": [0, 1]}])
