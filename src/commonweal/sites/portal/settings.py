"""Portal: the identified zone's web site, where people join and staff help them."""

from commonweal import zone as zones
from commonweal.home import Home
from commonweal.sites import common, vault
from commonweal.sites.portal import accounts, mail
from commonweal.zone import Zone

zones.guard_imports(Zone.PORTAL)
_home = Home.locate(zone=Zone.PORTAL)

globals().update(vault.base(_home, name="portal"))
globals().update(common.web(_home, name="portal", urls="commonweal.sites.portal.urls"))
globals().update(mail.settings())
globals().update(accounts.settings())
INSTALLED_APPS = [
    *common.WEB_APPS,
    "allauth.mfa",
    "allauth.usersessions",
    "django_tasks",
    "django_tasks_db",
    *globals()["INSTALLED_APPS"],
]
# A demonstration listens on this machine alone: it shows the messages it would send, and asks staff for no second step.
DEMONSTRATION = _home.is_demonstration
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "landing"
ACCOUNT_ADAPTER = "commonweal.vault.messages.adapter.LoggedAdapter"
MIDDLEWARE = [
    *globals()["MIDDLEWARE"],
    *accounts.MIDDLEWARE,
    "commonweal.vault.people.helping_trace.HelpersTrace",
    "commonweal.vault.people.clock.LocalTime",
    "commonweal.vault.staff.together.OneModuleAlone",
    "commonweal.ui.policies.DenyByDefault",
    "commonweal.vault.journey.leaving.gate.OnlyTheReceipt",
]
