"""What is found out about survey answers and the program's own measurements before the rules: one file a family.

They read, beside the raw tables, what the program says of its surveys: `program.load` makes these tables first.
"""

from commonweal.curation.findings.surveys import branching, choices, measured, modules, zip_codes

FINDINGS = (
    *branching.FINDINGS,
    *choices.FINDINGS,
    *zip_codes.FINDINGS,
    *measured.FINDINGS,
    *modules.FINDINGS,
)
