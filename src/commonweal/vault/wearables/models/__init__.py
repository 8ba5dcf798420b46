from commonweal.vault.wearables.models.connection import Connection

__all__ = [
    "Connection",
]
