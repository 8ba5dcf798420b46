"""The lines at the end of a whole test run."""

import os
import subprocess
from pathlib import Path

import pytest

from tests import failures

ROOT = Path(__file__).resolve().parents[3]


def outcome(call):
    """The report that pytest makes of a test that did this."""
    error = pytest.CallInfo.from_call(call, "call").excinfo.getrepr(style="short")
    return pytest.TestReport("tests/test_it.py::test_it", ("", 0, ""), {}, "failed", error, "call")


def fail():
    raise ValueError("the first line\nand a second")


def test_a_line_names_the_zone_the_test_and_the_error_in_its_first_line(monkeypatch):
    monkeypatch.delenv("COMMONWEAL_TEST_POSTGRES_URL", raising=False)
    assert failures.lines("portal", [outcome(fail)]) == [
        "portal: tests/test_it.py::test_it: ValueError: the first line"
    ]


def test_the_database_is_named_and_what_several_workers_say_is_told_once(monkeypatch):
    monkeypatch.setenv("COMMONWEAL_TEST_POSTGRES_URL", "postgresql://")
    unread = pytest.CollectReport("tests/test_it.py", "failed", "Traceback\nE   ImportError: no such thing\n", [])
    assert failures.lines("portal", [unread, unread]) == [
        "portal on PostgreSQL: tests/test_it.py: ImportError: no such thing"
    ]


def test_a_session_that_cannot_begin_is_told_and_its_status_kept(tmp_path):
    environment = os.environ | {"COMMONWEAL_FAILED": str(tmp_path / "failed")}
    done = subprocess.run(
        [ROOT / "tests/run", "open", "tests/there_is_none.py"], env=environment, capture_output=True, timeout=60
    )
    assert done.returncode == 4
    assert (tmp_path / "failed").read_text() == "open: the session itself ended with 4\n"
