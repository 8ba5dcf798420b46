"""Whether an archive is the person's own: by the account that it names, and the birth date that it tells.

Accounts are kept as keyed digests alone: enough to know one again, and no identifier of the provider in the database.
Names are not compared: providers show whatever somebody called themselves there.
"""

import hashlib
import hmac

from commonweal.home import Home, secret_key
from commonweal.vault.people.current import current_profile
from commonweal.vault.people.models import Participant
from commonweal.vault.wearables import sealing
from commonweal.vault.wearables.imports.reading import Said
from commonweal.vault.wearables.imports.refusals import NotTaken
from commonweal.vault.wearables.models import Connection, Submission


def owner_of(home: Home, provider: str, account: str) -> str:
    """The digest under which an account is known again."""
    key = secret_key(home.vault_keys, "wearables-owner.key")
    return hmac.new(key, f"{provider}\n{account}".encode(), hashlib.sha256).hexdigest()


def check(home: Home, person: Participant, provider: str, said: Said) -> str:
    """The owner's digest ("" where the archive names no account). Raises NotTaken."""
    profile = current_profile(person)
    born = profile.birth_date if profile else None
    if born is not None and said.birth_dates and born not in said.birth_dates:
        raise NotTaken("another_person")
    if len(said.accounts) > 1:
        raise NotTaken("several_accounts")
    if not said.accounts:
        return ""
    (account,) = said.accounts
    owner = owner_of(home, provider, account)
    _compare(home, person, provider, owner)
    return owner


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
        account = sealing.unseal(found).get("user_id") if found else None
    except sealing.Broken:
        return ""
    return owner_of(home, provider, account) if account else ""
