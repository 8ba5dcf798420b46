"""A response that was read, as the rules of classification see it."""

from commonweal.vault.surveys.classifying import Said
from commonweal.vault.surveys.reading import Given


def said_of(given: Given, same_as: int | None = None) -> Said:
    """`same_as`: the key of the earlier response that it says it is again."""
    items = given.survey.questionnaire.items
    named = [(link, items[link].code if link in items else None) for link in given.answers]
    return Said(
        given.authored,
        frozenset(given.texts),
        given.status,
        given.survey.code,
        frozenset(code[1] if code else link for link, code in named),
        given.valid,
        same_as=same_as,
    )
