"""The doors of the bridge: build -> check -> publish, retract; verify, describe, list, compare, trace, holds."""

from commonweal.curation.building import build
from commonweal.curation.holding import holds
from commonweal.curation.inspection import compare, describe, every, verify
from commonweal.curation.publication import check, publish, retract
from commonweal.curation.trace import trace

__all__ = ["build", "check", "compare", "describe", "every", "holds", "publish", "retract", "trace", "verify"]
