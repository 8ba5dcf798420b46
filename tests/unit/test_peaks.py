"""The peak that is told of a command is its own: not that of the process which starts it."""

import sys

import pytest

from tests.peaks import apart, growth

MB = 1 << 20
HOLD = "held = b'x' * (%d << 20)"


@pytest.fixture
def large():
    """This process has had 300 MB more."""
    bytearray(b"x" * (300 * MB)).clear()


@pytest.mark.parametrize("held", [0, 200])
def test_a_command_of_a_large_process(large, tmp_path, held):
    done, peak = apart(tmp_path / "peak", sys.executable, "-S", "-c", HOLD % held)
    assert done.returncode == 0 and held < peak < held + 50


def test_how_a_command_ends_is_told(tmp_path):
    assert apart(tmp_path / "peak", sys.executable, "-S", "-c", "raise SystemExit(3)")[0].returncode == 3


def test_growth_is_counted_from_its_beginning(large, tmp_path):
    with growth() as grown:
        (tmp_path / "file").write_bytes(b"x" * (60 * MB))
    assert 50 < grown.mb < 100 and 60 <= grown.written < 62
