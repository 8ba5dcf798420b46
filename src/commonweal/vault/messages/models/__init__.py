from commonweal.vault.messages.models.appointment import Appointment
from commonweal.vault.messages.models.message import Message, MessageEvent
from commonweal.vault.messages.models.preference import ContactPreference
from commonweal.vault.messages.models.round import Round

__all__ = [
    "Appointment",
    "ContactPreference",
    "Message",
    "MessageEvent",
    "Round",
]
