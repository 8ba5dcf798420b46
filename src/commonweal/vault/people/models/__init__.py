from commonweal.vault.people.models.account import Account
from commonweal.vault.people.models.change import Change
from commonweal.vault.people.models.crosswalk import Crosswalk, DeviceCrosswalk
from commonweal.vault.people.models.custody import Custody
from commonweal.vault.people.models.duplicate import Duplicate
from commonweal.vault.people.models.helper import AccountLink
from commonweal.vault.people.models.invitation import Arrival, Invitation
from commonweal.vault.people.models.participant import Participant
from commonweal.vault.people.models.patient_status import PatientStatus
from commonweal.vault.people.models.profile import Eligibility, Pairing, Profile
from commonweal.vault.people.models.shared_cache import SharedCache

__all__ = [
    "Account",
    "AccountLink",
    "Arrival",
    "Change",
    "Crosswalk",
    "DeviceCrosswalk",
    "Custody",
    "Duplicate",
    "Eligibility",
    "Invitation",
    "Pairing",
    "Participant",
    "PatientStatus",
    "Profile",
    "SharedCache",
]
