"""What is left of a resource before it is kept, even for minutes: no text for people, no attachment, no number of a card."""

from collections.abc import Mapping
from typing import Any

from commonweal.r4.patients import is_of_a_card

Resource = dict[str, Any]
_NOT_OF_A_PERSON = ("text", "photo", "contact", "communication", "generalPractitioner", "maritalStatus", "link")
_ATTACHED = ("data", "title")
_OF_A_CARD = ("identifier", "subscriber", "subscriberId", "policyHolder", "dependent")  # of an insurance


def slim(resource: Mapping[str, Any]) -> Resource:
    """The resource without its narrative, the content of attachments, and, of a Patient, what matching does not use."""
    kept = {name: value for name, value in resource.items() if name not in ("text", "presentedForm")}
    if kept.get("resourceType") == "Patient":
        return _patient(kept)
    if kept.get("resourceType") == "Coverage":
        return {name: value for name, value in kept.items() if name not in _OF_A_CARD}
    if isinstance(kept.get("content"), list):  # of a DocumentReference
        kept["content"] = [_content(one) for one in kept["content"] if isinstance(one, Mapping)]
    return kept


def _content(one: Mapping[str, Any]) -> Resource:
    attached = one.get("attachment")
    if not isinstance(attached, Mapping):
        return dict(one)
    return {**one, "attachment": {name: value for name, value in attached.items() if name not in _ATTACHED}}


def _patient(kept: Resource) -> Resource:
    slimmed = {name: value for name, value in kept.items() if name not in _NOT_OF_A_PERSON}
    if isinstance(slimmed.get("identifier"), list):
        slimmed["identifier"] = [one for one in slimmed["identifier"] if not is_of_a_card(one)]
    return slimmed
