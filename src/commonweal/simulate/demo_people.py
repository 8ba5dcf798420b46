"""Log-ins of the portal for a demo; the participant's is given to a simulated person who has a whole story.

Runs in the portal's zone: `python -m commonweal.simulate.demo_people`, with one JSON object on standard input:
{"participant": [ADDRESS, PASSWORD], "site_staff": […], and any other role: […], "site": ID, "organisation": ID}.
"""

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from commonweal.vault.people.models import Account, Participant


def participant_for(account: "Account") -> "Participant":
    """The account's participant; the first time, a simulated person with all surveys and health records is given it.

    Raises BadInput where no simulated person has such a story.
    """
    from django.db import transaction

    from commonweal import audit
    from commonweal.errors import BadInput
    from commonweal.vault.people.models import Participant

    known = Participant.objects.filter(account=account).first()
    if known:
        return known
    person = next(filter(_has_a_whole_story, _candidates()), None)
    if person is None:
        raise BadInput("demo: nobody simulated has answered everything and shares health records; simulate more people")
    with transaction.atomic():
        person.account = account
        person.save(update_fields=["account"])
        audit.record("people.account-linked", actor="demo", subject=person)
    return person


def _candidates() -> "list[Participant]":
    from django.db.models import Count

    from commonweal.simulate.load import SOURCE
    from commonweal.vault.people.models import Participant

    answered = Count("survey_responses__questionnaire", distinct=True)
    unclaimed = Participant.objects.filter(origin=SOURCE, account=None, withdrawals=None, deactivations=None)
    return list(unclaimed.annotate(answered=answered).filter(answered__gte=3).order_by("id")[:500])


def _has_a_whole_story(person: "Participant") -> bool:
    from commonweal.vault.consent.grants import grants_in_force
    from commonweal.vault.people.current import current_profile

    now = datetime.now(UTC)
    profile = current_profile(person)
    grown = profile is not None and 35 <= now.year - profile.birth_date.year <= 75
    return grown and all(grants_in_force(person, scope, now, now) for scope in ("ehr", "surveys", "return:ancestry"))


def log_ins(wanted: dict[str, Any]) -> int:
    """Make what is missing of them; answers how many were made. Raises BadInput."""
    from commonweal.vault.people.accounts import open_account
    from commonweal.vault.staff import roles

    count = 0
    places = {"site_staff": (wanted["site"], ""), "org_manager": ("", wanted.get("organisation", ""))}
    for role in ("participant", *(one for one in roles.MATRIX if one in wanted)):
        account, made = open_account(*wanted[role], actor="demo")
        count += made
        if role == "participant":
            participant_for(account)
        else:
            site, scope = places.get(role, ("", ""))
            roles.give(account, role, site, scope=scope, actor="demo")
    return count


def tell_back(site: str) -> None:
    """A report on the records that the site of the log-in sent, as a site has after an import."""
    from django.conf import settings

    from commonweal.vault.records.quality import telling

    telling.catch_up(settings.COMMONWEAL_HOME, site)


def main() -> int:
    """Make the log-ins and print one JSON object; BadInput ends with its message and exit code 2."""
    import django

    from commonweal import zone as zones

    zones.guard_imports()
    django.setup()
    from commonweal.errors import BadInput

    try:
        wanted = orjson.loads(sys.stdin.read())
        answer: dict[str, Any] = {"created": log_ins(wanted)}
        tell_back(wanted["site"])
        code = 0
    except BadInput as error:
        answer, code = {"error": str(error)}, 2
    sys.stdout.write(orjson.dumps(answer).decode() + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
