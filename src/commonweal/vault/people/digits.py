"""Phone numbers compared by their digits, however people write them."""

from django.db.models import F, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Replace


def digits_of(field: str) -> Combinable:
    """A phone number as written, without the signs that people put between its digits; the same as the index has."""
    text: Combinable = F(field)
    for sign in "+-() .":
        text = Replace(text, Value(sign), Value(""))
    return text
