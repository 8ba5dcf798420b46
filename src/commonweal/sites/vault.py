"""What the portal and the bridge share: the vault's database, its apps and its keys."""

from typing import Any

from commonweal.home import Home
from commonweal.sites import common

APPS = [
    "commonweal.vault.people",
    "commonweal.vault.consent",
    "commonweal.vault.surveys",
    "commonweal.vault.records",
    "commonweal.vault.wearables",
    "commonweal.vault.voice",
    "commonweal.vault.messages",
    "commonweal.vault.support",
    "commonweal.vault.journey",
    "commonweal.vault.representation",
    "commonweal.vault.partners",
    "commonweal.vault.staff",
    "commonweal.vault.api",
]


def base(home: Home, *, name: str) -> dict[str, Any]:
    return common.base(
        home,
        name=name,
        keys=home.vault_keys,
        database_url=home.vault_database_url,
        apps=APPS,
        user_model="people.Account",
    )
