"""Patients who may be a participant: which of them a member of the staff decides about, and the two side by side."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonweal.r4.patients import PatientIdentity
from commonweal.vault.people import scope as scopes
from commonweal.vault.people.models import Account, Pairing, Profile
from commonweal.vault.people.scope import Scope
from commonweal.vault.records.models import NearMiss
from commonweal.vault.staff import policies, roles

PERMISSION = "decide_match"
DETAILS = {
    "given": gettext_lazy("Given names"),
    "family": gettext_lazy("Family name"),
    "birth": gettext_lazy("Birth date"),
    "sex": gettext_lazy("Sex"),
    "record_number": gettext_lazy("Record number"),
    "address": gettext_lazy("Address"),
    "phone": gettext_lazy("Phone"),
    "email": gettext_lazy("E-mail"),
}
LEVELS = {
    "same": gettext_lazy("the same"),
    "other": gettext_lazy("not the same"),
    "unknown": gettext_lazy("one side does not tell it"),
    "nickname": gettext_lazy("a short form"),
    "first": gettext_lazy("the first name is the same, the second is not"),
    "middle": gettext_lazy("one uses the second name"),
    "swapped": gettext_lazy("changed places"),
    "similar": gettext_lazy("a slip of the pen, perhaps"),
    "initial": gettext_lazy("only a letter"),
    "part": gettext_lazy("one of two family names"),
    "former": gettext_lazy("an earlier name"),
    "slip": gettext_lazy("one digit is not the same"),
    "year": gettext_lazy("only the year"),
    "near": gettext_lazy("same house number and ZIP code"),
    "zip": gettext_lazy("same ZIP code"),
    "city": gettext_lazy("same city"),
}
TONES = {"same": "good", "other": "bad", "unknown": "", "zip": "", "city": ""}
ALWAYS_SHOWN = ("given", "family", "birth")  # of the others, what is the same is said and not shown


@dataclass(frozen=True)
class Row:
    """One detail of both sides; empty where it is not told, or the same and not needed to decide."""

    name: Any
    patient: str
    participant: str
    level: str
    words: Any
    tone: str

    @property
    def hidden(self) -> bool:
        """Both tell it, and there is nothing to see: it is the same."""
        return self.level == "same" and not self.patient


def waiting_for(account: Account, within: Scope | None = None) -> QuerySet[NearMiss]:
    """Near misses about people of the account's scope, never about itself, whose details are still kept."""
    scope = roles.scope_of(account, PERMISSION) if within is None else within
    if not scope:
        return NearMiss.objects.none()
    found = NearMiss.objects.filter(state=NearMiss.WAITING, forget_at__gt=timezone.now())
    found = found.exclude(participant__account=account.pk)
    if scope.everything:
        return found
    return found.filter(Exists(scopes.pairings_in(scope, participant=OuterRef("participant"))))


def unlike(near: NearMiss) -> list[Any]:
    """Names of the details that both sides tell and that are not the same."""
    return [name for key, name in DETAILS.items() if near.levels.get(key) not in ("same", "unknown", None)]


def side_by_side(near: NearMiss, patient: PatientIdentity, profile: Profile, pairing: Pairing | None) -> list[Row]:
    """Each detail of the patient's record and of the participant, and how they compare."""
    number = pairing.record_number if pairing and pairing.site == near.site else ""
    told = {
        "given": (_names(patient.full_givens or patient.givens), profile.given_name),
        "family": (_names([*patient.families, *sorted(patient.former - patient.families)]), profile.family_name),
        "birth": (_day(patient.birth_date), _day(profile.birth_date)),
        "sex": (_sex(patient.sex), _sex(profile.sex_at_birth)),
        "record_number": (_list(n.upper() for n in patient.record_numbers), number),
        "address": (_address(patient), _joined(profile.address_line, profile.city, profile.zip)),
        "phone": (_list(patient.phones), profile.phone),
        "email": (_list(patient.emails), profile.email),
    }
    return [_row(name, *told[name], near.levels.get(name, "unknown")) for name in DETAILS]


def _row(name: str, patient: str, participant: str, level: str) -> Row:
    shown = name in ALWAYS_SHOWN or level != "same"
    sides = (patient, participant) if shown else ("", "")
    return Row(DETAILS[name], *sides, level, LEVELS.get(level, level), TONES.get(level, "caution"))


def _names(names: Iterable[str]) -> str:
    """As the record has them, but that capitals and accents are not kept for comparing."""
    return _list(name.title() for name in names)


def _list(parts: Iterable[str]) -> str:
    return ", ".join(sorted(part for part in parts if part))


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _address(patient: PatientIdentity) -> str:
    return _joined(_names(patient.addresses), _names(patient.cities), _list(patient.zips))


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _sex(sex: str) -> str:
    return {"male": _("male"), "female": _("female"), "intersex": _("intersex")}.get(sex, "")


def may_decide(account: Account, near: NearMiss) -> bool:
    """Whether the account may decide about this pair, settled or not."""
    return policies.can_for(account, PERMISSION, near.participant)
