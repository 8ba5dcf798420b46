"""Community partners: made and corrected by operators; what was agreed, paid and planned with partners and places."""

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from commonweal import audit
from commonweal.errors import BadInput
from commonweal.protocol import Protocol
from commonweal.ui.context import language
from commonweal.vault.partners import records, rules
from commonweal.vault.partners.kinds import AGREEMENTS, LANGUAGES, PARTNERS, STATES, categories
from commonweal.vault.partners.models import Agreement, Budget, CommunityPartner, Milestone, PartnerDetails
from commonweal.vault.people.models import Account

Held = Agreement | Budget | Milestone
HELD: dict[str, type[Held]] = {"agreement": Agreement, "budget": Budget, "milestone": Milestone}


def details() -> dict[str, PartnerDetails]:
    """What is said of each partner now, by its id, in the order of their names."""
    found = records.standing(PartnerDetails.objects.select_related("partner"))
    return {one.partner.slug: one for one in sorted(found, key=lambda one: one.name_en.casefold())}


def name_of(one: PartnerDetails) -> str:
    return one.name_es if language() == "es" and one.name_es else one.name_en


def names() -> dict[str, str]:
    """Names of all partners in the language of the page."""
    return {slug: name_of(one) for slug, one in details().items()}


def is_active(one: PartnerDetails, day: date) -> bool:
    return one.active_from <= day and (one.active_until is None or day <= one.active_until)


def check_known(slug: str) -> None:
    """Raises BadInput for a partner that there is not."""
    if not CommunityPartner.objects.filter(slug=slug).exists():
        raise BadInput("partner: no community partner of this program has this id")


@transaction.atomic
def make(given: dict[str, Any], *, protocol: Protocol, by: Account, key: str) -> tuple[CommunityPartner, bool]:
    """A new partner, and whether it is new: the same form sent twice makes one. Raises BadInput."""
    check(given, protocol)
    before = PartnerDetails.objects.filter(idempotency_key=f"partnerdetails:{key}").select_related("partner").first()
    if before:
        return before.partner, False
    made = _with_a_free_slug(given["name_en"], by)
    records.add(PartnerDetails, by=by, key=key, partner=made, **given)
    audit.record("partners.made", actor=by, partner=made.slug)
    return made, True


def _with_a_free_slug(name: str, by: Account) -> CommunityPartner:
    while True:
        taken = set(CommunityPartner.objects.values_list("slug", flat=True))
        try:
            with transaction.atomic():
                return CommunityPartner.objects.create(slug=rules.slug_of(name, taken), made_by=by)
        except IntegrityError:  # another was quicker
            continue


def check(given: dict[str, Any], protocol: Protocol) -> None:
    rules.check_known([given["kind"]], PARTNERS)
    rules.check_known(given["reaches"], categories(protocol))
    rules.check_known(given["languages"], LANGUAGES)
    rules.check_known(given["states"], STATES)
    rules.check_period(given["active_from"], given["active_until"])


@transaction.atomic
def correct(current: PartnerDetails, given: dict[str, Any], *, protocol: Protocol, by: Account) -> PartnerDetails:
    """What is said of a partner from now on. Raises BadInput, Overtaken."""
    check(given, protocol)
    made = records.correct(current, by=by, **given)
    audit.record("partners.corrected", actor=by, partner=current.partner.slug)
    return made


@transaction.atomic
def hold(kind: str, given: dict[str, Any], *, by: Account, key: str) -> Held:
    """Write down an agreement, a budget or a milestone, with the fields of its place. Raises BadInput."""
    check_held(kind, given)
    made: Held = records.add(HELD[kind], by=by, key=key, **given)
    audit.record(f"partners.{kind}", actor=by, level=made.level, place=made.place)
    return made


@transaction.atomic
def correct_held(current: Held, given: dict[str, Any], *, by: Account) -> Held:
    """A correction, an end, or a milestone that was reached. `withdrawn`: it was written down in error."""
    kind = type(current).__name__.lower()
    check_held(kind, {name: getattr(current, name) for name in _NEEDED[kind]} | given)
    made: Held = records.correct(current, by=by, **given)
    audit.record(f"partners.{kind}_corrected", actor=by, level=made.level, place=made.place, withdrawn=made.withdrawn)
    return made


_NEEDED = {
    "agreement": ("kind", "begins", "ends"),
    "budget": ("begins", "ends", "dollars"),
    "milestone": ("measure", "target"),
}


def check_held(kind: str, given: dict[str, Any]) -> None:
    if kind == "milestone":
        rules.check_target(given["measure"], given["target"])
        return
    rules.check_period(given["begins"], given["ends"])
    if kind == "budget":
        rules.check_dollars(given["dollars"], least=1)
    else:
        rules.check_known([given["kind"]], AGREEMENTS)


def held_by(level: str, place: str) -> dict[str, list[Any]]:
    """What stands with a partner or a place, by kind, the newest first."""
    found = {}
    for kind, model in HELD.items():
        last = "due" if kind == "milestone" else "begins"
        rows: Any = model.objects
        found[kind] = list(records.standing(rows.filter(level=level, place=place)).order_by(f"-{last}", "-pk"))
    return found
