"""Rules of a tier by family, in the order in which a reader asks."""

from typing import Any

from django.utils.translation import gettext as _

ORDER = ("identifiers", "text", "dates", "generalise", "suppress", "lifecycle", "quality")


def _words() -> dict[str, tuple[str, str]]:
    return {
        "identifiers": (
            _("Who someone is"),
            _("Names, addresses and numbers never leave the program. A random number stands in their place."),
        ),
        "text": (_("Free text"), _("Words that somebody wrote could name a person, so none are kept.")),
        "dates": (
            _("When something happened"),
            _("All dates of one person move by the same random number of days, which nobody is told."),
        ),
        "generalise": (
            _("Rare answers"),
            _("Answers that few people give are made coarser, so that nobody stands out."),
        ),
        "suppress": (
            _("Events that could be looked up"),
            _("Some events are known to neighbours or newspapers. They are left out."),
        ),
        "lifecycle": (
            _("Who is left out"),
            _("Some people are left out for their protection, and what came after somebody left is not used."),
        ),
        "quality": (_("What cannot be right"), _("Records that cannot be true, or are there twice, are left out.")),
    }


def by_family(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """[{title, text, rules}] of the families that have rules; a family without words of its own comes last."""
    words, found = _words(), []
    families = sorted({r["family"] for r in rules}, key=lambda f: (ORDER.index(f) if f in ORDER else len(ORDER), f))
    for family in families:
        title, text = words.get(family, (family.capitalize(), ""))
        found.append({"title": title, "text": text, "rules": [r for r in rules if r["family"] == family]})
    return found
