from commonweal.vault.journey.models.answer_figures import AnswerFigures, AnswerRound
from commonweal.vault.journey.models.receipt import LeavingReceipt, ReceiptLine
from commonweal.vault.journey.models.status import EnrolmentStatus, StatusHistory, StatusRun
from commonweal.vault.journey.models.take_away import TakeAway

__all__ = [
    "AnswerFigures",
    "AnswerRound",
    "EnrolmentStatus",
    "LeavingReceipt",
    "ReceiptLine",
    "StatusHistory",
    "StatusRun",
    "TakeAway",
]
