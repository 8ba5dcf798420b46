"""Figures: a vector file and its numbers."""

import pyarrow as pa
import pytest

from commonweal.commons.analysis.figure import PALETTE, Figure, axes
from commonweal.errors import BadInput


def _figure():
    drawing, area = axes()
    area.plot([1, 2], [3.5, 4], color=PALETTE[0])
    area.set_title("Two points")
    return Figure(drawing, pa.table({"x": [1, 2], "y": [3.5, 4.0]}))


@pytest.mark.parametrize("kind", ["svg", "pdf"])
def test_the_same_numbers_give_the_same_bytes(tmp_path, kind):
    first, second = (_figure().save(tmp_path / f"{n}.{kind}") for n in "ab")
    assert first[0].read_bytes() == second[0].read_bytes()
    assert first[1].read_text() == '"x","y"\n1,3.5\n2,4\n'


def test_words_stay_words_in_a_drawing(tmp_path):
    assert ">Two points<" in _figure().save(tmp_path / "a.svg")[0].read_text()


def test_a_picture_of_points_is_refused(tmp_path):
    with pytest.raises(BadInput, match=r"ends in \.svg or \.pdf"):
        _figure().save(tmp_path / "a.png")
