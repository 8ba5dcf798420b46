"""The releases that a researcher may study."""

from typing import Any

from django.conf import settings

from commonweal import commons, protocol
from commonweal.commons.release import Release
from commonweal.errors import Refused
from commonweal.home import Home
from commonweal.protocol.disclosure import Disclosure
from commonweal.workbench.researchers.models import Researcher
from commonweal.workbench.researchers.policies import can_use_tier, check_can_use_tier


def home() -> Home:
    """The program home of this site."""
    return settings.COMMONWEAL_HOME


def limits() -> Disclosure:
    """What the program says of numbers that leave."""
    program = home().protocol if (home().protocol / "program.toml").is_file() else protocol.DEFAULT
    return protocol.load(program).privacy.disclosure


def usable(researcher: Researcher) -> list[dict[str, Any]]:
    """Published releases in tiers that this researcher may use, newest first; {name, tier, published_at}."""
    return [r for r in commons.published(home()) if can_use_tier(researcher, r["tier"])]


def chosen(researcher: Researcher, choice: str | None) -> Release | None:
    """The release named NAME/TIER, else the newest; None where there is none. Raises Refused for one not allowed."""
    releases = usable(researcher)
    if not choice:
        return open_for(researcher, releases[0]["name"], releases[0]["tier"]) if releases else None
    name, _, tier = choice.partition("/")
    return open_for(researcher, name, tier)


def open_for(researcher: Researcher, name: str, tier: str) -> Release:
    if not tier:
        raise Refused("release: choose one of the list")
    check_can_use_tier(researcher, tier)
    return commons.open(name, tier=tier, home=home())
