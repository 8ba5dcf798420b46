"""Opening log-ins of the portal from the command line. (On the web, people sign up for themselves.)"""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from commonweal import audit
from commonweal.errors import BadInput
from commonweal.vault.people import phones
from commonweal.vault.people.models import Account


@transaction.atomic
def open_account(
    email: str, password: str, *, phone: str = "", language: str = "en", actor: object = audit.SYSTEM
) -> tuple[Account, bool]:
    """The account with this address or number (one of them suffices) and password, and whether it was made now.

    Who runs this vouches for the address and the number: they count as proven, and no code is sent. Raises BadInput for
    what is no address or number, a weak password, or an address or number whose account has another password.
    """
    address, number = email.strip().lower(), _number(phone)
    known = _known(address, number)
    if known:
        if not known.check_password(password):
            raise BadInput("--email: there is an account with this address already, with another password")
        prove_address(known)
        return known, False
    _check(address, number, password)
    account = Account.objects.create_user(
        address or None, password, phone=number or None, phone_verified=bool(number), language=language
    )
    prove_address(account)
    audit.record("account.opened", actor=actor, subject=account)
    return account, True


def prove_address(account: Account) -> None:
    """From now on the account's address counts as proven."""
    from allauth.account.models import EmailAddress  # not where the bridge, which has no log-ins, would import it

    if account.email:
        proven = {"verified": True, "primary": True}
        EmailAddress.objects.update_or_create(user=account, email=account.email, defaults=proven)


def _known(address: str, number: str) -> Account | None:
    found = Account.objects.filter(email=address).first() if address else None
    return found or (Account.objects.filter(phone=number).first() if number else None)


def _number(phone: str) -> str:
    try:
        return phones.e164(phone) if phone.strip() else ""
    except ValidationError as error:
        raise BadInput(f"--phone: {' '.join(error.messages)}") from None


def _check(address: str, number: str, password: str) -> None:
    if not address and not number:
        raise BadInput("--email or --phone: one of them is needed")
    try:
        if address:
            validate_email(address)
    except ValidationError:
        raise BadInput("--email: not an e-mail address; write one such as name@clinic.example") from None
    try:
        validate_password(password, Account(email=address))
    except ValidationError as error:
        raise BadInput(f"password: {' '.join(error.messages)}") from None
