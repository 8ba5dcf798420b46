"""Which side of the house a process belongs to, and what that side may import and see.

The identified zone (portal, bridge) and the research zone never run in one process, never import each other and are
given only their own part of the environment. Import contracts check this before anything runs; this module makes it so
at run time too.
"""

import os
import sys
from enum import StrEnum


class Zone(StrEnum):
    """OPEN has no secrets: protocol, vocabulary and published releases only."""

    OPEN = "open"
    PORTAL = "portal"
    BRIDGE = "bridge"
    RESEARCH = "research"


_RESEARCH_ROOMS = ("commonweal.workbench", "commonweal.atlas", "commonweal.sites.research")
_IDENTIFIED_ROOMS = ("commonweal.vault", "commonweal.curation", "commonweal.sites.portal", "commonweal.sites.bridge")

FORBIDDEN_IMPORTS: dict[Zone, tuple[str, ...]] = {
    Zone.OPEN: (),
    Zone.PORTAL: ("commonweal.curation", "commonweal.commons", "commonweal.sites.bridge", *_RESEARCH_ROOMS),
    Zone.BRIDGE: ("commonweal.sites.portal", *_RESEARCH_ROOMS),
    Zone.RESEARCH: ("commonweal.simulate", *_IDENTIFIED_ROOMS),
}

# Nothing of ours uses it there; pyarrow would load it wherever it is installed, half a second and 60 MB for each process.
UNUSED: dict[Zone, tuple[str, ...]] = {Zone.PORTAL: ("pandas",), Zone.BRIDGE: ("pandas",)}

PRIVATE_ENVIRONMENT: dict[str, frozenset[Zone]] = {
    "COMMONWEAL_VAULT_DATABASE_URL": frozenset({Zone.PORTAL, Zone.BRIDGE}),
    "COMMONWEAL_VAULT_STORE": frozenset({Zone.PORTAL, Zone.BRIDGE}),
    "COMMONWEAL_RESEARCH_DATABASE_URL": frozenset({Zone.RESEARCH}),
    "COMMONWEAL_EMAIL_URL": frozenset({Zone.PORTAL}),
    "COMMONWEAL_SMS_URL": frozenset({Zone.PORTAL}),
    "COMMONWEAL_SMS_TOKEN": frozenset({Zone.PORTAL}),
}
PRIVATE_PREFIXES = {"COMMONWEAL_WEARABLES_": frozenset({Zone.PORTAL})}  # names that go on with a provider's

SETTINGS = {
    Zone.PORTAL: "commonweal.sites.portal.settings",
    Zone.BRIDGE: "commonweal.sites.bridge.settings",
    Zone.RESEARCH: "commonweal.sites.research.settings",
}


class ZoneError(PermissionError):
    """A process reached for something that belongs to another zone."""


def current() -> Zone:
    """The zone of this process, from COMMONWEAL_ZONE; OPEN where it is not set."""
    return Zone(os.environ.get("COMMONWEAL_ZONE", "open"))


def child_environment(zone: Zone, home: str | os.PathLike[str]) -> dict[str, str]:
    """The environment for a child process of `zone`: this one's, less what belongs to other zones."""
    kept = {k: v for k, v in os.environ.items() if zone in _owners(k, zone)}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    kept |= {"COMMONWEAL_ZONE": zone.value, "COMMONWEAL_HOME": os.fspath(home)}
    if zone in SETTINGS:
        kept["DJANGO_SETTINGS_MODULE"] = SETTINGS[zone]
    return kept


def _owners(name: str, zone: Zone) -> frozenset[Zone]:
    """The zones that a variable of the environment belongs to; it is everybody's where none claims it."""
    claimed = (zones for prefix, zones in PRIVATE_PREFIXES.items() if name.startswith(prefix))
    return PRIVATE_ENVIRONMENT.get(name) or next(claimed, frozenset({zone}))


class _Guard:
    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self.forbidden = FORBIDDEN_IMPORTS[zone]
        self.unused = UNUSED.get(zone, ())

    def find_spec(self, fullname, path=None, target=None):  # type: ignore[no-untyped-def]
        if any(fullname == name or fullname.startswith(name + ".") for name in self.forbidden):
            raise ZoneError(f"{fullname} may not be imported in the {self.zone} zone")
        if fullname.partition(".")[0] in self.unused:
            raise ModuleNotFoundError(f"{fullname} is not used in the {self.zone} zone", name=fullname)
        return None


def guard_imports(zone: Zone | None = None) -> None:
    """From now on this process cannot import what belongs to another zone (ZoneError). Safe to call twice."""
    zone = zone or current()
    if not any(isinstance(finder, _Guard) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Guard(zone))
