"""Researchers, what they may use, and the tokens by which their programs speak for them."""

from commonweal.workbench.researchers.models.api_token import ApiToken
from commonweal.workbench.researchers.models.researcher import Researcher
from commonweal.workbench.researchers.models.tier_grant import TierGrant

__all__ = ["ApiToken", "Researcher", "TierGrant"]
