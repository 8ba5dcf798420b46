"""What is wrong in reference tables that rules compute with, row by row."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from commonweal.protocol import area_checks, place_checks, poverty_checks
from commonweal.protocol.base import Problem
from commonweal.protocol.unit_mapping import KIND, unit_problems

ROUTES = "dose_form_routes"
Rows = Iterable[Mapping[str, str]]


def table_problems(kind: str, file: str, rows: Rows) -> list[Problem]:
    """What is wrong in the table `kind`, which stands in `file`; of kinds that nothing is known of, nothing."""
    check = _CHECKS.get(kind)
    return check(file, rows) if check else []


def _route_problems(file: str, rows: Rows) -> list[Problem]:
    problems = []
    for line, row in enumerate(rows, start=2):
        form, route = row.get("dose_form_concept_id") or "0", row.get("route_concept_id") or ""
        if not (form.isdecimal() and route.isdecimal()):
            problems.append(Problem(file, line, "dose_form_concept_id and route_concept_id are concept ids"))
        elif form == "0" and not row.get("dose_form_concept_name"):
            problems.append(Problem(file, line, "a dose form has a concept id or a name"))
    return problems


_CHECKS: dict[str, Callable[[str, Rows], list[Problem]]] = {
    KIND: unit_problems,
    ROUTES: _route_problems,
    area_checks.KIND: area_checks.rows_problems,
    poverty_checks.KIND: poverty_checks.rows_problems,
    **{kind: partial(place_checks.rows_problems, kind) for kind in place_checks.KINDS},
}
