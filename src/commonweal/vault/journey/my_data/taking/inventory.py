"""Every place where the vault keeps something of a person: taken along, or left out with the reason.

A model that comes to hold something of a person has to be named here, or a test fails.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Taken:
    """A model whose rows are taken along as the table `name`.

    `path`: the way from a row to its participant; `keep`: conditions that rows must meet; `without`: columns that are
    left out, each with the reason.
    """

    name: str
    model: str
    path: str = "participant"
    keep: dict[str, object] = field(default_factory=dict)
    without: dict[str, str] = field(default_factory=dict)


# Columns that no table has, whatever its model.
NEVER = {
    "id": "a number of our database; rows are numbered from 1 instead",
    "idempotency_key": "a digest by which a fact that is sent twice is known again",
    "participant": "every row is about the person who takes it",
}
_FILE = "where a file lies in our store"
_STAFF = "notes of the staff for each other"

TAKEN: tuple[Taken, ...] = (
    Taken("participant", "people.Participant", path="pk", without={"is_test": "whether staff made the person up"}),
    Taken("profile", "people.Profile"),
    Taken("pairing", "people.Pairing"),
    Taken("eligibility", "people.Eligibility"),
    Taken("patient_status", "people.PatientStatus"),
    Taken("custody", "people.Custody"),
    Taken("helpers", "people.AccountLink", without={"code_digest": "a secret by which a helper links an account"}),
    Taken("arrival", "people.Arrival"),
    Taken("invitations_made", "people.Invitation", path="referrer", without={"referrer": NEVER["participant"]}),
    Taken("consent_answers", "consent.ConsentAnswer"),
    Taken("consent_signatures", "consent.Signature", path="answer__participant"),
    Taken(
        "consent_documents",
        "consent.ConsentDocument",
        path="answer__participant",
        without={"path": _FILE, "attempts": "how often we tried to make it"},
    ),
    Taken("consent_checks", "consent.Understanding"),
    Taken("paper_consents", "consent.PaperConsent", without={"file_path": _FILE}),
    Taken("withdrawals", "consent.Withdrawal"),
    Taken("left_in_peace", "consent.Deactivation"),
    Taken("ceremonies", "consent.Ceremony"),
    Taken("leaving_receipts", "journey.LeavingReceipt"),
    Taken(
        "leaving_receipt_lines",
        "journey.ReceiptLine",
        path="receipt__participant",
        without={"attempts": "how often we tried"},
    ),
    Taken("survey_responses", "surveys.SurveyResponse", without={"identifier": "a digest of the sender's own number"}),
    Taken("survey_drafts", "surveys.SurveyDraft"),
    Taken("days_left_out", "wearables.DayLeftOut"),
    Taken(
        "wearable_connections",
        "wearables.Connection",
        without={
            "sealed": "the provider's tokens: secrets that would let others read the account there",
            "attempts": "how often we told the provider",
            "next_attempt_at": "when we tell the provider again",
        },
    ),
    Taken(
        "clinic_connections",
        "records.ClinicConnection",
        without={
            "sealed": "the clinic's tokens: secrets that would let others read the record there",
            "attempts": "how often we told the clinic",
            "next_attempt_at": "when we tell the clinic again",
        },
    ),
    Taken(
        "record_links",
        "records.RecordLink",
        keep={"same": True},  # the others tell of somebody else
        without={
            "same": "always yes",
            "patient": "a keyed digest of the number that a site's records use for a patient",
            "decided_by": "who of the staff compared the details",
        },
    ),
    Taken("wearable_deliveries", "wearables.Submission", without={"owner": "a keyed digest that tells accounts apart"}),
    Taken("contact_preferences", "post.ContactPreference"),
    Taken(
        "messages",
        "post.Message",
        without={
            "provider_id": "the carrier's own number",
            "attempts": "how often we tried",
        },
    ),
    Taken("message_events", "post.MessageEvent", path="message__participant"),
    Taken("appointments", "post.Appointment"),
    Taken("help_requests", "support.HelpRequest"),
    Taken(
        "help_notes",
        "support.HelpNote",
        path="request__participant",
        keep={"internal": False},
        without={"internal": _STAFF},
    ),
    Taken("incentives", "support.Incentive", without={"notes": _STAFF}),
    Taken("enrolment_status", "journey.EnrolmentStatus"),
    Taken("status_history", "journey.StatusHistory"),
    Taken("files_made", "journey.TakeAway", without={"session": "a digest of the session that asked"}),
)

# Models that point to a participant, or to such a one, and are not taken along.
LEFT_OUT: dict[str, str] = {
    "surveys.SafetyCase": "help after an answer that signals danger: a file that others find could put the person at risk",
    "surveys.SafetySignal": "help after an answer that signals danger: the answer itself is taken along",
    "surveys.SafetyStep": "notes of the staff for each other",
    "wearables.Sync": "how far a connection was read: working state, of which the deliveries tell the outcome",
    "records.ClinicFetch": "how far a clinic was read: working state, of which the records themselves tell the outcome",
    "records.ClinicPage": "pages that wait, sealed, for an hour at most: they are taken along once they are records",
    "records.NearMiss": "the staff's work on a patient of a site who may be somebody else; it tells of that person",
    "wearables.Claim": "a keyed digest that tells accounts apart: working state beside the deliveries",
    "people.Account": "how one logs in; the person sees and changes it under Security",
    "people.Change": "that a fact came in, once more: each fact is taken along itself",
    "people.Crosswalk": "research numbers and the date shift, sealed under a key that the portal does not have",
    "people.DeviceCrosswalk": "research numbers of devices, sealed under a key that the portal does not have",
    "people.Duplicate": "the staff's work on two people who may be one; it tells of another person",
    "partners.OutreachLink": "a link of the program or a partner; by which one the person came is taken along",
    "partners.LinkOpenings": "how often a link was opened, by day and way: nothing is kept of who opened it",
    "consent.DeceaseReport": "a report of a death is about somebody who cannot take it away",
    "consent.Decease": "a report of a death is about somebody who cannot take it away",
}

# What lies in the vault's store beside the database: folder -> the table or file that takes it along, or why it is not.
STORES: dict[str, str] = {
    "records": "health_records",
    "wearables": "the wearable tables",
    "consents": "the signed consents as PDF, in the folder consents",
    "papers": "left out: scans of paper, of which the person has the original; staff give a copy on request",
    "imports": "left out: files of partner systems that wait to be taken in, and are then deleted",
    "take-away": "left out: the files made here",
    "representation": "left out: groups for counting, made from answers that are taken along themselves, and made anew all day",
    "simulation": "left out: of made-up people",
}
