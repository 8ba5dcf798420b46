"""Numbers, months and names in the words of an answer, in the language of the moment."""

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from commonweal.protocol.base import text


def money(dollars: float) -> str:
    """$12,300; cents only below ten dollars."""
    return "$" + number(dollars, 2 if 0 < dollars < 10 else 0)


def number(value: float, decimals: int = 0) -> str:
    """12,300.5: written alike in the English and the Spanish of the United States."""
    return f"{round(value, decimals) + 0.0:,.{decimals}f}"


def percent(share: float) -> str:
    """36.2 %"""
    return _("%(number)s%%") % {"number": number(share * 100, 1)}


def month(name: str) -> str:
    """March 2028 for 2028-03; in Spanish months are written small."""
    told = date_format(date(int(name[:4]), int(name[5:]), 1), "YEAR_MONTH_FORMAT")
    return told.lower() if get_language() == "es" else told


def of(answer: dict[str, Any], indicator: str) -> str:
    """What an indicator counts."""
    titles = answer.get("titles", {})
    if indicator in titles:
        return text(titles[indicator], get_language() or "en")
    return _named().get(indicator, indicator)


def _named() -> dict[str, str]:
    return {
        "people": _("all people"),
        "minority": _("people of racial and ethnic minorities"),
        "overall": _("people of groups that research has left out"),
        "AIAN": _("American Indian or Alaska Native"),
        "ASIAN": _("Asian"),
        "BLACK": _("Black or African American"),
        "HISP": _("Hispanic or Latino"),
        "MENA": _("Middle Eastern or North African"),
        "MULTI": _("More than one race or ethnicity"),
        "NHPI": _("Native Hawaiian or other Pacific Islander"),
        "OTHER": _("Another race or ethnicity"),
        "WHITE": _("White"),
    }
