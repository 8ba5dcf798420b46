from commonweal.vault.wearables.models.claim import Claim
from commonweal.vault.wearables.models.connection import Connection
from commonweal.vault.wearables.models.left_out import DayLeftOut
from commonweal.vault.wearables.models.submission import Submission
from commonweal.vault.wearables.models.sync import SharingCheck, Sync

__all__ = [
    "Claim",
    "Connection",
    "DayLeftOut",
    "SharingCheck",
    "Submission",
    "Sync",
]
