"""One authoring fault of a form."""

from typing import NamedTuple


class Fault(NamedTuple):
    """What is wrong with the form, at which item (empty: the form as a whole)."""

    linkId: str  # noqa: N815 the field's own name
    code: str
    message: str
