"""What failed, in one line each, for the end of a run of several sessions, of which often only the tail is seen."""

import os
from pathlib import Path

WIDTH = 240  # characters of a line


def lines(zone: str, reports: list) -> list[str]:
    """`zone: test id: first line of the error` of each report of pytest, of tests and of files that could not be read."""
    where = f"{zone} on PostgreSQL" if "COMMONWEAL_TEST_POSTGRES_URL" in os.environ else zone
    told = (f"{where}: {report.nodeid}: {_first(report)}"[:WIDTH] for report in reports)
    return list(dict.fromkeys(told))  # each worker says what it could not read


def _first(report) -> str:
    """The first line of what went wrong; of a text without structure the last, where Python says it."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None:
        return next(iter(crash.message.splitlines()), "")
    said = [line for line in report.longreprtext.splitlines() if line.strip()]
    return said[-1].removeprefix("E").strip() if said else "no reason given"


def note(zone: str, reports: list) -> None:
    """Add their lines to the file that COMMONWEAL_FAILED names, if it names one."""
    path = os.environ.get("COMMONWEAL_FAILED")
    if path and reports:
        with Path(path).open("a", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in lines(zone, reports))
