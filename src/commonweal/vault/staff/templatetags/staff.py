"""What every staff page carries: who one is here, and where one may go."""

from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from commonweal.vault.messages import texts
from commonweal.vault.people.clock import zone_of
from commonweal.vault.people.second_step import has_second_step
from commonweal.vault.staff import navigation, roles
from commonweal.vault.staff.forms_safety import MOVE_WORDS, WORDS
from commonweal.vault.staff.release import words as release_words

register = template.Library()
register.simple_tag(navigation.role_and_place, name="role_and_place")
register.simple_tag(navigation.place_name, name="place_name")
register.filter("module_name", navigation.module_name)
register.filter("survey_name", navigation.survey_name)
register.filter("tier_name", release_words.tier)


@register.simple_tag
def own_roles(request: HttpRequest) -> list[str]:
    """The roles of who is logged in, with their places, in words."""
    return [navigation.role_and_place(one.role, one.site, one.scope) for one in roles.held(request.user)]


@register.simple_tag
def without_second_step(request: HttpRequest) -> bool:
    """Whether this account would need a second step, were this no demonstration."""
    return settings.DEMONSTRATION and not has_second_step(request.user)


@register.inclusion_tag("staff/tabs.html")
def staff_tabs(request: HttpRequest) -> dict[str, Any]:
    """The pages that one may open; marked is the one that is open, or under which the open one lies."""
    tabs = navigation.tabs(request.user)
    above = [tab.url for tab in tabs if request.path.startswith(tab.url)]
    return {"tabs": tabs, "here": max(above, key=len, default=""), "exactly": request.path in above}


@register.filter
def message_name(template: str) -> str:
    """What a message is called: the subject that its reader sees."""
    known = texts.TEMPLATES.get(template)
    return str(known.subject) if known else template


@register.filter
def moment(value: Any, site: str = "") -> str:
    """Day and time of a moment, as staff read it: 2026-11-22 14:05 UTC; or by the clock of a site, as its book says."""
    if not value:
        return ""
    return timezone.localtime(value, zone_of(site) if site else None).strftime("%Y-%m-%d %H:%M %Z")


@register.filter
def outcome_name(outcome: str) -> str:
    """What came of a safety case, in words."""
    return str(WORDS.get(outcome, outcome))


@register.filter
def move_name(move: str) -> str:
    """What was done about a safety case, in words."""
    return str(MOVE_WORDS.get(move, move))


@register.filter
def waits(value: Any) -> str:
    """How long something has been waiting, in days."""
    from django.utils.translation import ngettext

    if not value:
        return ""
    days = max(0, (timezone.now() - value).days)
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
