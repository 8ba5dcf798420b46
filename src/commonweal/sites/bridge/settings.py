"""Bridge: reads the vault, writes the commons. It has no web pages; its process alone holds the bridge's keys."""

from commonweal import zone as zones
from commonweal.home import Home
from commonweal.sites import vault
from commonweal.zone import Zone

zones.guard_imports(Zone.BRIDGE)

globals().update(vault.base(Home.locate(zone=Zone.BRIDGE), name="bridge"))
