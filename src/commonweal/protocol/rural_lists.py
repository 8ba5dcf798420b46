"""Lists of rural ZIP codes as they are published, one file a list, made one table: zip, and since when its list holds.

The Federal Office of Rural Health Policy publishes a list at a time. It comes as a file without a header, STATE,ZIP, or with a
header that has a column zip. A list holds from its day until the day of the next; the first may hold from the beginning.
"""

import csv
import io
from collections.abc import Iterator, Sequence

from commonweal.errors import BadInput
from commonweal.protocol.place_checks import since_problem, zip_problem
from commonweal.protocol.states import NAMES
from commonweal.protocol.zips import zip5


def table(texts: Sequence[str], since: Sequence[str]) -> str:
    """One CSV of zip and since; BadInput names file and line.

    `since`: a day for each text in order, or one fewer, when the first list holds from the beginning. A single text that
    has its own header and no day given stays as it is.
    """
    if len(texts) == 1 and not since and _headed(texts[0]):
        return texts[0]
    days = _days(len(texts), since)
    try:
        rows = [row for number, day in enumerate(days) for row in _rows(texts, number, day)]
    except csv.Error as error:
        raise BadInput(f"FILE: no CSV: {error}") from None
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([("zip", "since"), *rows])
    return out.getvalue()


def _days(files: int, since: Sequence[str]) -> list[str]:
    days = [""] * (files - len(since) if files - len(since) in (0, 1) else 0) + list(since)
    if len(days) != files:
        raise BadInput(
            f"--since: {len(since)} for {files} files; give one for each file in their order, or none for the first list,"
            " which then holds from the beginning"
        )
    for day in since:
        for wrong in since_problem(day):
            raise BadInput(f"--since: {wrong}")
    if len(set(days)) != files:
        raise BadInput("--since: two lists hold from the same day, so that neither replaces the other")
    return days


def _rows(texts: Sequence[str], number: int, day: str) -> Iterator[tuple[str, str]]:
    where = f"FILE {number + 1}" if len(texts) > 1 else "FILE"
    reader = csv.reader(io.StringIO(texts[number]), strict=True)
    named = _headed(texts[number])
    header = [name.strip().lower() for name in next(reader, [])] if named else ["state", "zip"]
    if "zip" not in header or "since" in header:
        raise BadInput(
            f"{where} line 1: " + ("it has a column since, so that it comes alone" if "zip" in header else _NEEDS)
        )
    seen: set[str] = set()
    for cells in reader:
        if len(cells) != len(header):
            raise BadInput(f"{where} line {reader.line_num}: {len(cells)} cells, but {len(header)} are {_SHAPE[named]}")
        code, wrong = _code(dict(zip(header, cells, strict=True)))
        for told in wrong or (_TWICE,) * (code in seen):
            raise BadInput(f"{where} line {reader.line_num}: {told}")
        seen.add(code)
        yield code, day


def _code(row: dict[str, str]) -> tuple[str, tuple[str, ...]]:
    """The code, and what is wrong with it; one that lost its zeros is filled where the state beside it leaves no doubt."""
    state = row.get("state", "").strip()
    if "state" in row and state not in NAMES:
        return "", ("the first cell is the postal code of a state, such as MA",)
    code = zip5(row["zip"], state) or row["zip"].strip()
    return code, zip_problem("zip", code)


def _headed(text: str) -> bool:
    """Whether the first line names columns rather than a state and its first ZIP code."""
    first = next(csv.reader(io.StringIO(text)), [])
    return not (len(first) == 2 and first[0].strip() in NAMES and first[1].strip().isdigit())


_NEEDS = "a list of rural ZIP codes has a column zip, or no header and the two columns STATE,ZIP"
_TWICE = "this list has the ZIP code already"
_SHAPE = {True: "named by the header", False: "expected: STATE,ZIP"}
