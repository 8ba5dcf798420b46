from commonweal.vault.consent.models.answer import ConsentAnswer
from commonweal.vault.consent.models.campaign import ReconsentCampaign
from commonweal.vault.consent.models.decease import DeceaseReport
from commonweal.vault.consent.models.leaving import Ceremony, Deactivation, Decease, Withdrawal
from commonweal.vault.consent.models.paper import PaperConsent
from commonweal.vault.consent.models.signature import ConsentDocument, Signature
from commonweal.vault.consent.models.understanding import Understanding

__all__ = [
    "Ceremony",
    "ConsentAnswer",
    "ConsentDocument",
    "Deactivation",
    "Decease",
    "DeceaseReport",
    "PaperConsent",
    "ReconsentCampaign",
    "Signature",
    "Understanding",
    "Withdrawal",
]
