"""What the studio keeps: the ledger of what left, and saved cohorts."""

from commonweal.workbench.studio.models.cohort import SavedCohort
from commonweal.workbench.studio.models.ledger import LedgerEntry

__all__ = ["LedgerEntry", "SavedCohort"]
