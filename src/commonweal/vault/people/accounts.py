"""Opening log-ins of the portal from the command line. (On the web, people sign up for themselves.)"""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from commonweal import audit
from commonweal.errors import BadInput
from commonweal.vault.people.models import Account


@transaction.atomic
def open_account(
    email: str, password: str, *, language: str = "en", actor: object = audit.SYSTEM
) -> tuple[Account, bool]:
    """The account with this address and password, and whether it was made now.

    Raises BadInput for what is no address, a weak password, or an address whose account has another password.
    """
    address = email.strip().lower()
    known = Account.objects.filter(email=address).first()
    if known:
        if not known.check_password(password):
            raise BadInput("--email: there is an account with this address already, with another password")
        return known, False
    try:
        validate_email(address)
    except ValidationError:
        raise BadInput("--email: not an e-mail address; write one such as name@clinic.example") from None
    try:
        validate_password(password, Account(email=address))
    except ValidationError as error:
        raise BadInput(f"password: {' '.join(error.messages)}") from None
    account = Account.objects.create_user(address, password, language=language)
    audit.record("account.opened", actor=actor, subject=account)
    return account, True
