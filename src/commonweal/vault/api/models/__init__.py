from commonweal.vault.api.models.token import PartnerToken

__all__ = [
    "PartnerToken",
]
