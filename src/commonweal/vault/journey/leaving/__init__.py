"""Leaving, through one door: the fact first, then every store that holds something of the person, each with its receipt.

leaving.withdraw(participant, source="portal") -> LeavingReceipt
"""

from commonweal.vault.journey.leaving.door import deactivate, decease, finish_open, merge, withdraw
from commonweal.vault.journey.leaving.receipts import latest, mark_releases

__all__ = ["deactivate", "decease", "finish_open", "latest", "mark_releases", "merge", "withdraw"]
