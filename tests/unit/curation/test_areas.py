"""The map of areas: means over ZIP codes, small areas with their neighbour."""

import csv
import gzip

import duckdb
import pyarrow.parquet as pq
import pytest

from commonweal.curation import areas
from commonweal.protocol.privacy import ZipArea

COLUMNS = ("ZCTA5", *areas._FIGURES.values())


def _row(code, poverty, **more):
    return dict.fromkeys(COLUMNS, "0.5") | {"ZCTA5": code, "fraction_poverty": poverty} | more


def _made(folder, rows, **more):
    built = areas.zip3_ses_map(duckdb.connect(), folder, rows, "2018", **more)
    made = pq.read_table(folder / built.files[0]["path"]).to_pylist()
    return {row["zip3_as_string"]: row for row in made}


def test_an_area_is_the_mean_of_its_zip_codes(tmp_path):
    made = _made(tmp_path, [_row("53202", "0.2"), _row("53299", "0.4"), _row("2138", "NA"), _row("53301", "")])
    assert list(made) == ["021**", "532**", "533**"]
    assert (made["532**"]["fraction_poverty"], made["532**"]["acs"], made["532**"]["zip3"]) == (0.3, 2018, 532)
    assert made["021**"]["fraction_poverty"] is None and made["021**"]["deprivation_index"] == 0.5


def test_people_weigh_where_their_number_is_known(tmp_path):
    rows = [_row("53202", "0.2", population="300"), _row("53299", "0.4", population="100")]
    assert _made(tmp_path, rows)["532**"]["fraction_poverty"] == 0.25


def test_a_small_area_counts_with_the_one_that_it_is_told_as(tmp_path):
    rows = [_row("03601", "0.2"), _row("03401", "0.4")]
    made = _made(tmp_path, rows, areas=[ZipArea(begins=("036",), becomes="034")])
    assert list(made) == ["034**"] and made["034**"]["fraction_poverty"] == pytest.approx(0.3)


def test_the_real_figures_of_2018(tmp_path, shared_data):
    with gzip.open(shared_data / "census" / "dep_index_2018_zcta.csv.gz", "rt", newline="") as lines:
        made = _made(tmp_path, csv.DictReader(lines))
    assert 880 < len(made) < 930
    assert all(0 <= row["deprivation_index"] <= 1 for row in made.values() if row["deprivation_index"] is not None)
