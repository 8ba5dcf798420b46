"""Survey answers and the program's own measurements made right, in the order of the reference: one file a family."""

from commonweal.curation.rules.surveys import choices, measured, modules, numbers, zip_codes

RULES = (
    *choices.FIRST,
    *numbers.RULES,
    *choices.RULES,
    *measured.RULES,
    *zip_codes.RULES,
    *modules.RULES,
)
