"""Whether an archive is the person's own: by the account that it names, and the birth date that it tells.

Accounts are kept as keyed digests alone: enough to know one again, and no identifier of the provider in the database.
Names are not compared: providers show whatever somebody called themselves there. Of two people who hand over the same at
the same moment, the first to claim it in the database goes on.
"""

import hashlib
import hmac

from commonweal.home import Home, secret_key
from commonweal.vault.linking import sealing
from commonweal.vault.people.current import current_profile
from commonweal.vault.people.models import Participant
from commonweal.vault.wearables.imports.reading import Said
from commonweal.vault.wearables.imports.refusals import NotTaken
from commonweal.vault.wearables.models import Claim, Connection, Submission
from commonweal.vault.wearables.room import ROOM


def owner_of(home: Home, provider: str, account: str) -> str:
    """The digest under which an account is known again."""
    key = secret_key(home.vault_keys, "wearables-owner.key")
    return hmac.new(key, f"{provider}\n{account}".encode(), hashlib.sha256).hexdigest()


def check(home: Home, record: Submission, provider: str, said: Said) -> str:
    """The owner's digest ("" where the archive names no account), which is then the person's. Raises NotTaken.

    `record`: the submission of one person (`participant`), with the archive's `sha256`.
    """
    person = record.participant
    assert person is not None
    profile = current_profile(person)
    born = profile.birth_date if profile else None
    if born is not None and said.birth_dates and born not in said.birth_dates:
        raise NotTaken("another_person")
    if len(said.accounts) > 1:
        raise NotTaken("several_accounts")
    owner = next((owner_of(home, provider, account) for account in said.accounts), "")
    if owner:
        _compare(home, person, provider, owner)
    _claim(record, owner or owner_of(home, "archive", record.sha256))
    return owner


def _claim(record: Submission, digest: str) -> None:
    """Take the account for the person, in one statement that two cannot both make. Raises NotTaken.

    What another person claimed for a submission that was refused is free again. While theirs is still being taken in, it
    is not known whose it is: then this one is to be given again.
    """
    mine = {"participant_id": record.participant_id, "submission": record}
    held, made = Claim.objects.select_related("submission").get_or_create(digest=digest, defaults=mine)
    done, same = held.submission.state == Submission.DONE, held.participant_id == record.participant_id
    if made or (same and done):
        return
    free = same or held.submission.state == Submission.REFUSED
    if not (free and Claim.objects.filter(pk=held.pk, submission=held.submission).update(**mine)):
        raise NotTaken("another_person" if done else "interrupted")


def _compare(home: Home, person: Participant, provider: str, owner: str) -> None:
    done = Submission.objects.filter(state=Submission.DONE).exclude(owner="")
    if done.filter(owner=owner).exclude(participant=person).exists():
        raise NotTaken("another_person")
    mine = done.filter(participant=person, provider=provider).order_by("-pk").first()
    connected = _connected(home, person, provider)
    if (mine and mine.owner != owner) or (connected and connected != owner):
        raise NotTaken("another_account")


def _connected(home: Home, person: Participant, provider: str) -> str:
    """The owner's digest of the account that is connected, if there is one."""
    found = Connection.objects.filter(participant=person, provider=provider, state=Connection.CONNECTED).first()
    try:
        account = ROOM.unseal(found).get("user_id") if found else None
    except sealing.Broken:
        return ""
    return owner_of(home, provider, account) if account else ""
