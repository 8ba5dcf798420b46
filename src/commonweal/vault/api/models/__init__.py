from commonweal.vault.api.models.import_job import ImportJob
from commonweal.vault.api.models.token import PartnerToken

__all__ = ["ImportJob", "PartnerToken"]
