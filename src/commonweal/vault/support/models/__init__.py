from commonweal.vault.support.models.help import HelpNote, HelpRequest
from commonweal.vault.support.models.incentive import Incentive
from commonweal.vault.support.models.offline import OfflineEntry

__all__ = [
    "HelpNote",
    "HelpRequest",
    "Incentive",
    "OfflineEntry",
]
