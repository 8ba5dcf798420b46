"""The changes of state of this room: answering a module, leaving, and asking to be left in peace."""

from commonweal.vault.consent.answering import Given, Superseded, answer_module, give
from commonweal.vault.consent.leaving import deactivate, withdraw

__all__ = ["Given", "Superseded", "answer_module", "deactivate", "give", "withdraw"]
