from commonweal.vault.people.models.account import Account
from commonweal.vault.people.models.crosswalk import Crosswalk
from commonweal.vault.people.models.participant import Participant
from commonweal.vault.people.models.profile import Eligibility, Pairing, Profile

__all__ = ["Account", "Crosswalk", "Eligibility", "Pairing", "Participant", "Profile"]
