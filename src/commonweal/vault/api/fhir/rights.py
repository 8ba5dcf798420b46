"""Rights to the FHIR interface, as SMART App Launch 2 writes a system's scopes: `system/QuestionnaireResponse.crs`.

c: create, r: read, s: search. A right may hold fewer letters than there are, always in this order.
"""

import re

OFFERED = {"Questionnaire": "rs", "QuestionnaireResponse": "crs"}
EXAMPLES = ("system/Questionnaire.rs", "system/QuestionnaireResponse.crs")
_FORM = re.compile(r"system/(\w+)\.([a-z]+)")


def is_right(right: str) -> bool:
    """Whether a token can be given it."""
    found = _FORM.fullmatch(right)
    if not found or found[1] not in OFFERED:
        return False
    letters = [letter for letter in OFFERED[found[1]] if letter in found[2]]
    return bool(letters) and "".join(letters) == found[2]


def allows(rights: str, resource: str, wanted: str) -> bool:
    """Whether space-separated `rights` hold one of the letters `wanted` for the resource."""
    found = (_FORM.fullmatch(right) for right in rights.split())
    return any(one and one[1] == resource and set(wanted) & set(one[2]) for one in found)
