from commonweal.vault.partners.models.advice import Advice, AdviceStep
from commonweal.vault.partners.models.kit import Material, Newsletter, NewsletterCopy
from commonweal.vault.partners.models.outreach import (
    Campaign,
    CampaignDetails,
    Cost,
    Event,
    EventDetails,
    KeptCounts,
    LinkOpenings,
    Outreach,
    OutreachLink,
)
from commonweal.vault.partners.models.partner import Agreement, Budget, CommunityPartner, Milestone, PartnerDetails
from commonweal.vault.partners.models.record import Placed, Record

__all__ = [
    "Advice",
    "AdviceStep",
    "Agreement",
    "Budget",
    "Campaign",
    "CampaignDetails",
    "CommunityPartner",
    "Cost",
    "Event",
    "EventDetails",
    "KeptCounts",
    "LinkOpenings",
    "Material",
    "Milestone",
    "Newsletter",
    "NewsletterCopy",
    "Outreach",
    "OutreachLink",
    "PartnerDetails",
    "Placed",
    "Record",
]
