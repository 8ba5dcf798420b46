from commonweal.vault.journey.models.receipt import LeavingReceipt, ReceiptLine
from commonweal.vault.journey.models.status import EnrolmentStatus, StatusHistory, StatusRun

__all__ = [
    "EnrolmentStatus",
    "LeavingReceipt",
    "ReceiptLine",
    "StatusHistory",
    "StatusRun",
]
