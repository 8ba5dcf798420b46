from commonweal.vault.wearables.models.connection import Connection
from commonweal.vault.wearables.models.submission import Submission

__all__ = [
    "Connection",
    "Submission",
]
