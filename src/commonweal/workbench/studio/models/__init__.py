"""What the studio keeps: the ledger of what left, the register of exports, and saved cohorts."""

from commonweal.workbench.studio.models.cohort import SavedCohort
from commonweal.workbench.studio.models.export import ExportedCount, ExportRegister, PrivacySpending
from commonweal.workbench.studio.models.ledger import LedgerEntry

__all__ = ["ExportRegister", "ExportedCount", "LedgerEntry", "PrivacySpending", "SavedCohort"]
