"""Research: the de-identified zone's web site, where registered researchers study releases and the public looks on."""

from commonweal import zone as zones
from commonweal.home import Home
from commonweal.sites import common
from commonweal.zone import Zone

zones.guard_imports(Zone.RESEARCH)
_home = Home.locate(zone=Zone.RESEARCH)

globals().update(
    common.base(
        _home,
        name="research",
        keys=_home.research_keys,
        database_url=_home.research_database_url,
        apps=["commonweal.workbench.researchers", "commonweal.workbench.studio", "commonweal.atlas"],
        user_model="researchers.Researcher",
    )
)
globals().update(common.web(_home, name="research", urls="commonweal.sites.research.urls"))
INSTALLED_APPS = [*common.WEB_APPS, *globals()["INSTALLED_APPS"]]
LOGIN_REDIRECT_URL = "studio"
ACCOUNT_LOGOUT_REDIRECT_URL = "atlas"
ACCOUNT_ADAPTER = "commonweal.workbench.researchers.adapter.InvitedOnly"
MIDDLEWARE = [*globals()["MIDDLEWARE"], "commonweal.ui.policies.DenyByDefault"]
