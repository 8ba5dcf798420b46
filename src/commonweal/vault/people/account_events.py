"""What follows when something happens to an account: who proves one takes part; each change is audited and told of."""

from typing import Any

from allauth.account import signals
from allauth.account.models import EmailAddress
from allauth.mfa import signals as second_step
from django.dispatch import receiver
from django.http import HttpRequest

from commonweal import audit
from commonweal.vault.people import actions, invitations
from commonweal.vault.people.current import current_profile
from commonweal.vault.people.models import Account


def _adapter(request: HttpRequest | None) -> Any:
    from allauth.account.adapter import get_adapter

    return get_adapter(request)


def proven(request: HttpRequest | None, account: Account) -> None:
    """The first address or number of who signed up here is theirs: from now on they are a participant, registered."""
    if account.last_login is not None or hasattr(account, "participant"):
        return
    person = actions.register(account, language=account.language)
    if request is not None:
        invitations.remember_arrival(request, person)


def phone_proven(request: HttpRequest | None, account: Account, before: str | None) -> None:
    """A number was proven by its code; whoever holds the one before is told, and so is the e-mail address."""
    proven(request, account)
    if account.last_login is None:
        return
    audit.record("account.phone_changed", actor=account, subject=account)
    adapter = _adapter(request)
    if before:
        adapter.send_text(before, "number_changed")
    if account.email:
        adapter.send_notification_mail("account/email/phone_changed", account)


@receiver(signals.email_confirmed, dispatch_uid="who proves an address takes part")
def _email_confirmed(request: HttpRequest, email_address: EmailAddress, **_: Any) -> None:
    proven(request, email_address.user)


@receiver(signals.email_changed, dispatch_uid="a changed address is the participant's too")
def _email_changed(
    request: HttpRequest,
    user: Account,
    from_email_address: EmailAddress | None,
    to_email_address: EmailAddress,
    **_: Any,
) -> None:
    if from_email_address is None and user.last_login is None:
        return  # signing up
    audit.record("account.email_changed", actor=user, subject=user)
    if from_email_address is None and user.phone_verified:
        _adapter(request).send_text(user.phone, "account_changed")
    person = getattr(user, "participant", None)
    if person is not None and current_profile(person):
        actions.record_profile(person, {"email": to_email_address.email}, source="portal")


@receiver([signals.password_changed, signals.password_set], dispatch_uid="a changed password is audited")
def _password_changed(user: Account, **_: Any) -> None:
    audit.record("account.password_changed", actor=user, subject=user)


@receiver(signals.password_reset, dispatch_uid="a new password is audited")
def _password_reset(request: HttpRequest, user: Account, **_: Any) -> None:
    _adapter(request).forget_failed_attempts(request, user)
    audit.record("account.password_reset", actor=user, subject=user)


@receiver(second_step.authenticator_added, dispatch_uid="a second step is audited")
def _second_step_added(user: Account, authenticator: Any, **_: Any) -> None:
    audit.record("account.second_step_added", actor=user, subject=user, kind=str(authenticator.type))


@receiver(second_step.authenticator_removed, dispatch_uid="the end of a second step is audited")
def _second_step_removed(user: Account, authenticator: Any, **_: Any) -> None:
    audit.record("account.second_step_removed", actor=user, subject=user, kind=str(authenticator.type))


@receiver(second_step.authenticator_reset, dispatch_uid="new recovery codes are audited")
def _recovery_codes(user: Account, **_: Any) -> None:
    audit.record("account.recovery_codes_made", actor=user, subject=user)
