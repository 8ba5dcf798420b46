"""The page that says how every field of every table is filled is made of the declarations themselves.

`COMMONWEAL_WRITE_DOCS=1 tests/run open tests/spec/omop` writes docs/rules/records-to-omop.md anew.
"""

import csv
import os
from pathlib import Path

from commonweal.omop import mapping
from commonweal.omop.mapping import declared

PAGE = Path(__file__).resolve().parents[3] / "docs" / "rules" / "records-to-omop.md"
HEAD = """# Health records to OMOP, field by field

Made of the declarations in `omop/mapping`; do not edit. Events are what the vault keeps of a FHIR resource. A field that is not listed is
empty. `note` and `payer_plan_period` stay in the vault: no tier has a rule for them.
"""


def _table(columns, rows):
    lines = [columns, ("---",) * len(columns), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


def _words():
    with open(declared.HERE / "words.csv", newline="", encoding="utf-8") as file:
        return [(r["list"], f"`{r['code']}`", r["concept_id"], r["source"]) for r in csv.DictReader(file)]


def page():
    routing = declared.routing()
    parts = [HEAD, "## Which table\n"]
    parts.append(_table(("a row of", "goes to"), [*((f"{k}, always", v) for k, v in routing.always.items()),
                        *((f"a concept of the domain {k}", v) for k, v in routing.domain.items()),
                        ("a concept of any other domain", routing.otherwise),
                        *((f"{k}, without a concept", v) for k, v in routing.natural.items()),
                        ("laboratory and vital signs, without a concept", routing.measured),
                        ("anything else, without a concept", routing.otherwise)]))  # fmt: skip
    for name, table in mapping.tables().items():
        parts.append(f"\n## {name}\n")
        parts.append(_table(("field", "filled with"), [(f"`{c}`", field.rule) for c, field in table.fields.items()]))
    parts += ["\n## Words of FHIR\n", _table(("list", "word", "concept", "by"), _words())]
    parts += [
        "\n## Why a code has no concept\n",
        _table(("reason", "means"), [(f"`{k}`", v) for k, v in mapping.WHY.items()]),
    ]
    return "\n".join(parts) + "\n"


def test_the_page_says_what_is_done():
    if os.environ.get("COMMONWEAL_WRITE_DOCS"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()
