"""The figures of a place as rows of a file: what, of what, number; what is withheld is empty."""

from collections.abc import Iterator

from commonweal.vault.representation.figures.gate import Document

HEAD = ("measure", "group", "value", "people")


def rows(document: Document) -> Iterator[tuple[str, str, str, object]]:
    """One line a number, as the document has it."""
    for id, number in document["metrics"].items():
        yield "metric", id, "", _cell(number)
    for facet, values in document.get("facets", {}).items():
        for value, number in (values or {}).items():
            yield facet, "", value, _cell(number)
    for facet, groups in document.get("steps", {}).items():
        for value, steps in groups.items():
            for step, number in steps.items():
                yield f"step {step}", facet, value, _cell(number)
    for pair, number in document.get("pairs", {}).items():
        yield "both", pair.replace("|", " and "), "", _cell(number)
    for month, told in document.get("months", {}).items():
        for what, number in told.items():
            yield "by month", month, what, _cell(number)


def _cell(number: int | None) -> object:
    return "" if number is None else number
