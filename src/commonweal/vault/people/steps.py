"""The steps of joining, as the stepper shows them: two of our own, then the consents that the program leads through."""

from django.utils.functional import lazy
from django.utils.translation import gettext as _

from commonweal.protocol import ConsentModule
from commonweal.ui.context import current_protocol, words

ELIGIBILITY, ABOUT_YOU, FIRST_CONSENT = range(1, 4)


def consents(home_state: str | None) -> list[ConsentModule]:
    """The modules that joining leads through, in order, for somebody who lives in that state (None: not known yet)."""
    modules = current_protocol().consents.values()
    return [module for module in modules if module.onboarding and module.applies(home_state)]


def joining(home_state: str | None = None) -> list[str]:
    """The names of all steps in the language of the page."""
    return [_("Can I join?"), _("About you"), *(words(module.title) for module in consents(home_state))]


def place_of(module_id: str, home_state: str | None) -> int | None:
    """Which step a module is, from 1; None for one that is no part of joining."""
    ids = [module.id for module in consents(home_state)]
    return FIRST_CONSENT + ids.index(module_id) if module_id in ids else None


JOINING = lazy(joining, list)()
