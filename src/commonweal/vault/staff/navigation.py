"""The pages of the staff, each with the permission that it needs; the band of every staff page lists those one may open."""

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from commonweal.ui.context import current_protocol, words
from commonweal.vault.partners.partners import names as partners_names
from commonweal.vault.people.models import Account
from commonweal.vault.staff import roles
from commonweal.vault.staff.models import StaffRole

PAGES = (
    ("staff_overview", _("Overview"), "figures"),
    ("staff_representation", _("Who takes part"), "figures"),
    ("staff_plan", _("Where next"), "plan"),
    ("staff_safety", _("Safety"), "safety"),
    ("staff_people", _("Find a person"), "look_up"),
    ("staff_papers", _("Paper consents"), "paper_consent"),
    ("campaigns", _("Campaigns"), "campaigns"),
    ("event", _("Event"), "help_desk"),
    ("help_desk", _("Help desk"), "help_desk"),
    ("staff_appointments", _("Appointments"), "appointments"),
    ("staff_invitations", _("Invitations"), "invitations"),
    ("outreach", _("Outreach"), "outreach"),
    ("outreach_partners", _("Partners"), "partners"),
    ("incentive_totals", _("Incentives"), "incentive_totals"),
    ("staff_records", _("Health records"), "record_quality"),
    ("releases", _("Releases"), "releases"),
    ("staff_destruction", _("Samples to destroy"), "destruction_list"),
    ("staff_roles", _("Roles"), "see_roles"),
    ("staff_audit", _("Audit"), "audit"),
)
ROLE_NAMES = {
    StaffRole.SITE_STAFF: _("Site staff"),
    StaffRole.ORG_MANAGER: _("Organization manager"),
    StaffRole.AWARDEE_MANAGER: _("Awardee manager"),
    StaffRole.OPERATOR: _("Program operator"),
    StaffRole.STEWARD: _("Data steward"),
    StaffRole.AUDITOR: _("Auditor"),
    StaffRole.PARTNER: _("Community partner"),
}


@dataclass(frozen=True)
class Tab:
    """One page in the band."""

    name: str
    title: Any
    url: str


def tabs(account: Account) -> list[Tab]:
    """The pages that the account may open, in order."""
    has = roles.permissions_of(account)
    queues = has_queues(account)
    found = [
        (name, title, _address(name))
        for name, title, permission in PAGES
        if permission in has and (queues or name != "staff_overview")
    ]
    return [Tab(name, title, url) for name, title, url in found if url]


def has_queues(account: Account) -> bool:
    """Whether anybody's waiting is this account's business; a community partner has figures, and no people."""
    scope = roles.scope_of(account, "figures")
    return scope.everything or bool(scope.sites or scope.organisations or scope.awardees)


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:  # a page that this program does not have
        return ""


def place_name(site: str = "", scope: str = "") -> str:
    """What a site, organisation, awardee or partner is called; or a clinic from which people fetch their own records."""
    partners, clinics = current_protocol().partners, current_protocol().clinics.by_id()
    places = (
        partners.sites.get(site),
        clinics.get(site),
        partners.organisations.get(scope),
        partners.awardees.get(scope),
    )
    known = next((one.name for one in places if one), "")
    return known or site or partners_names().get(scope, scope)


def module_name(module: str) -> str:
    """What a consent is called, in the language of the page."""
    found = current_protocol().consents.get(module)
    return words(found.title) if found else module


def survey_name(code: str) -> str:
    """What a survey is called, in the language of the page."""
    found = current_protocol().surveys.get(code)
    return words(found.title) if found else code


def role_and_place(role: str, site: str = "", scope: str = "") -> str:
    """Such as "Site staff · Lakeshore Clinic"."""
    place = place_name(site, scope) if site or scope else _("whole program")
    return f"{ROLE_NAMES.get(role, role)} · {place}"
