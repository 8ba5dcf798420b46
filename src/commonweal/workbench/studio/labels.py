"""Words for what is counted, in the reader's language."""

from django.utils.translation import gettext, gettext_noop

from commonweal.protocol.states import NAMES

AGES = ("0-17", "18-29", "30-39", "40-49", "50-59", "60-69", "70-79", "80-88", "89+")

NO_GROUP = frozenset({"0", "2100000001", "2000000009", "903096", "903079", "1177221", "AoUDRC_GeneralizedState"})
"""Codes that gather people without saying what they have in common."""

_NAMES = {
    "0": gettext_noop("Not known or not shared"),
    "0-17": gettext_noop("Under 18"),
    "89+": gettext_noop("89 and over"),
    "8507": gettext_noop("Male"),
    "8532": gettext_noop("Female"),
    "45878463": gettext_noop("Female"),
    "45880669": gettext_noop("Male"),
    "1585847": gettext_noop("Female"),
    "1585846": gettext_noop("Male"),
    "8527": gettext_noop("White"),
    "8516": gettext_noop("Black or African American"),
    "8515": gettext_noop("Asian"),
    "8657": gettext_noop("American Indian or Alaska Native"),
    "8557": gettext_noop("Native Hawaiian or Other Pacific Islander"),
    "38003615": gettext_noop("Middle Eastern or North African"),
    "38003563": gettext_noop("Hispanic or Latino"),
    "38003564": gettext_noop("Not Hispanic or Latino"),
    "2000000001": gettext_noop("Another single population"),
    "2000000002": gettext_noop("Another gender, or not shared"),
    "2000000008": gettext_noop("More than one population"),
    "2000000009": gettext_noop("Another sex, or not shared"),
    "2100000001": gettext_noop("None of these"),
    "903096": gettext_noop("Skipped"),
    "903079": gettext_noop("Prefers not to answer"),
    "1177221": gettext_noop("Prefers not to answer"),
    "AoUDRC_GeneralizedState": gettext_noop("Another state, kept private"),
}


def label(code: str, name: str = "") -> str:
    """Words for a code of one of the figures; the vocabulary's name where we have none."""
    if code in _NAMES:
        return gettext(_NAMES[code])
    if code.startswith("PIIState_"):
        return NAMES.get(code.removeprefix("PIIState_"), code.removeprefix("PIIState_"))
    return name or code.replace("-", "–")


def with_capital(name: str) -> str:
    """A name of a vocabulary, with a capital."""
    return name[:1].upper() + name[1:]
