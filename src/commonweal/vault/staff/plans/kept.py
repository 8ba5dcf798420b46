"""Answers, for a day and for who asked: so that a page can be looked at again and left as a file without asking anew."""

import uuid
from typing import Any

from django.core.cache import cache

from commonweal.vault.people.models import Account

SECONDS = 24 * 3600


def keep(answer: dict[str, Any], text: str, account: Account) -> uuid.UUID:
    """Under a number that nobody guesses."""
    number = uuid.uuid4()
    cache.set(_key(number, account), {"answer": answer, "text": text}, SECONDS)
    return number


def find(number: uuid.UUID, account: Account) -> dict[str, Any] | None:
    """{answer, text}; None after a day, and for anybody else."""
    found: dict[str, Any] | None = cache.get(_key(number, account))
    return found


def _key(number: uuid.UUID, account: Account) -> str:
    return f"plan:{account.pk}:{number}"
