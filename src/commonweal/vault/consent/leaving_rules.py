"""What may still be seen of somebody who left: everything but contact data for two days, then a short list of fields.

Source: the Raw Data Repository of All of Us, participant summary of withdrawn people (HEAD 2024-10-17): the withdrawal is
authored with the click and in effect 48 hours later; from then on the interface returns these fields and no others.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

IN_EFFECT_AFTER = timedelta(hours=48)
REDUCED_FIELDS = frozenset(
    {
        "withdrawalStatus",
        "withdrawalReason",
        "withdrawalReasonJustification",
        "withdrawalTime",
        "withdrawalAuthored",
        "participantId",
        "hpoId",
        "organization",
        "site",
        "biobankId",
        "firstName",
        "middleName",
        "lastName",
        "dateOfBirth",
        "consentForStudyEnrollment",
        "consentForStudyEnrollmentAuthored",
        "consentForElectronicHealthRecords",
        "consentForElectronicHealthRecordsAuthored",
        "enrollmentStatus",
        "enrollmentStatusV3_0",
        "enrollmentStatusV3_2",
    }
)
CONTACT_FIELDS = frozenset(
    {
        "email",
        "phoneNumber",
        "loginPhoneNumber",
        "streetAddress",
        "streetAddress2",
        "city",
        "state",
        "zipCode",
        "recontactMethod",
    }
)


class Left(Protocol):
    """What of a withdrawal the rule needs: when the person (or the staff) clicked."""

    authored_time: datetime


@dataclass(frozen=True)
class State:
    """`withdrawal`: None for who is still with us. `fields`: names of all that there is to see."""

    withdrawal: Left | None
    fields: frozenset[str]


def in_effect_at(withdrawal: Left) -> datetime:
    """The withdrawalTime of the reference: 48 hours after the click."""
    return withdrawal.authored_time + IN_EFFECT_AFTER


def is_reduced(withdrawal: Left | None, now: datetime) -> bool:
    """Whether only REDUCED_FIELDS may be shown at `now`: from 48 hours after the click on."""
    return withdrawal is not None and now >= in_effect_at(withdrawal)


def visible_fields(state: State, now: datetime) -> frozenset[str]:
    """Those of `state.fields` that staff and interfaces may show at `now`; contact data go with the click."""
    if state.withdrawal is None:
        return state.fields
    if is_reduced(state.withdrawal, now):
        return state.fields & REDUCED_FIELDS
    return state.fields - CONTACT_FIELDS
