"""Re-identification risk, measured: how small groups are in the release and in the population, what is learnt of whole
groups, and how far attacks get. Figures go to the manifest, limits are the protocol's ([risk] in privacy.toml).
"""

from commonweal.curation.risk.limits import checks
from commonweal.curation.risk.measuring import measure
from commonweal.curation.risk.releasing import of_tier
from commonweal.curation.risk.telling import tell

__all__ = ["checks", "measure", "of_tier", "tell"]
