"""Whose grant is in force, as a condition of the database: for lists of which only a page is read at a time.

The same rule as `consent.rules.grants`; `consent.population` answers it for everybody at once.
"""

from datetime import datetime

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Concat
from django.db.models.lookups import Exact

from commonweal.vault.consent.models import ConsentAnswer, Withdrawal
from commonweal.vault.consent.rules import PARTICIPATE, RECONTACT, YES


def in_force(scope: str, at: datetime) -> Q:
    """Rows whose `participant` grants `scope` at `at`, as far as is known then: for what was given before, not for new data.

    For the query set of any model with `participant`. Not for `recontact`, which other facts end too (ValueError).
    """
    if scope == RECONTACT:
        raise ValueError("recontact ends with deactivation and death: ask consent.grants")
    left = Withdrawal.objects.filter(participant=OuterRef("participant"), event_time__lte=at, received_time__lte=at)
    return ~Exists(left) & _holds(PARTICIPATE, at) & _holds(scope, at)


def _holds(scope: str, at: datetime) -> Q:
    """The latest answer about the scope is a yes that has not expired; where there is none, it is not."""
    yes = Case(When(Q(answer=YES) & (Q(expires_at=None) | Q(expires_at__gt=at)), then=True), default=False)
    latest = _answers(scope, at).order_by("-event_time", "-authored_time", "-received_time", "-pk")
    return Q(Exact(Subquery(latest.annotate(yes=yes).values("yes")[:1]), True))


def _answers(scope: str, at: datetime) -> "QuerySet[ConsentAnswer]":
    """Those about the scope that count at `at`; `scopes` are words with a space between them."""
    known = ConsentAnswer.objects.filter(participant=OuterRef("participant"), event_time__lte=at, received_time__lte=at)
    replacing = ConsentAnswer.objects.filter(
        participant=OuterRef("participant"), supersedes=OuterRef("pk"), received_time__lte=at
    )
    words = known.alias(words=Concat(Value(" "), "scopes", Value(" ")))
    return words.filter(~Exists(replacing), words__contains=f" {scope} ")
