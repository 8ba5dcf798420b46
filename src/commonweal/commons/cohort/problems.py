"""Says in plain words, and where by JSON path, what is wrong with a definition."""

import re

from pydantic import ValidationError

_TAGS = {
    "event", "person", "cohort", "genome", "wearable", "any_event", "index", "group", "ConceptCriterion",
    "one", "several",
}  # fmt: skip
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,60}")  # what else a key may be is not repeated
_WORDS = {
    "missing": "is missing; add it",
    "extra_forbidden": "is not known here; remove it or check its spelling",
    "too_short": "must not be empty",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "string_type": "must be text",
    "model_type": "must be an object",
    "date_from_datetime_parsing": "must be a date such as 2024-03-31",
    "date_parsing": "must be a date such as 2024-03-31",
    "is_instance_of": "must be a date such as 2024-03-31",
    "date_type": "must be a date such as 2024-03-31",
}


def first_problem(error: ValidationError) -> str:
    """`$.include[0].any[1].concepts: must not be empty` and, where there are more, how many."""
    problems = error.errors(include_url=False)
    # of alternatives ("index" or a criterion) pydantic reports each; the deepest is the one that was meant
    chosen = max(problems, key=lambda p: (len(p["loc"]), "literal" not in p["type"]))
    words = _WORDS.get(chosen["type"]) or chosen["msg"].removeprefix("Value error, ")
    others = len({_path(p["loc"]) for p in problems}) - 1
    return f"{_path(chosen['loc'])}: {words}" + (f" (and {others} more)" if others > 0 else "")


def _path(loc: tuple[int | str, ...]) -> str:
    path, previous = "$", ""
    for part in loc:
        if isinstance(part, int):
            path += f"[{part}]"
            previous = "item"
            continue
        if (part in _TAGS and previous in ("item", "of", "same_visit", "within")) or "[" in part or part == previous:
            continue  # names the alternative that pydantic tried, not a key of the document
        path += f".{part}" if _PLAIN.fullmatch(part) else "[a key that is no word]"
        previous = part
    return path
