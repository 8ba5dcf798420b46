"""The second step of a log-in: an authenticator app or a passkey, and recovery codes for when both are out of reach."""

from typing import TYPE_CHECKING

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commonweal.home import secret_key
from commonweal.ui.context import current_protocol, words
from commonweal.vault.people import phones
from commonweal.vault.people.models import Account

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

COUNTS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_second_step(account: Account) -> bool:
    """Whether the account has an authenticator app or a passkey (recovery codes alone are none)."""
    return Authenticator.objects.filter(user=account, type__in=COUNTS).exists()


class Adapter(DefaultMFAAdapter):
    """Names the program and the account in people's apps; keeps their secrets sealed in the database."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("That did not match. Please try again, or use a recovery code."),
        "unverified_email": _("Please confirm your e-mail address first."),
    }

    def _get_user_identifier(self, user: Account) -> str:
        return user.email or phones.spoken(user.phone or "")

    def _get_site_name(self) -> str:
        return words(current_protocol().program.name)

    def get_public_key_credential_user_entity(self, user: Account) -> dict[str, object]:
        entity = super().get_public_key_credential_user_entity(user)
        return entity | {"display_name": self._get_user_identifier(user)}

    def generate_authenticator_name(self, user: Account, type: Authenticator.Type) -> str:
        return gettext("Passkey %(number)s") % {
            "number": Authenticator.objects.filter(user=user, type=type).count() + 1
        }

    def encrypt(self, text: str) -> str:
        return _seal().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _seal().decrypt(encrypted_text.encode()).decode()


def _seal() -> "Fernet":
    import base64

    from cryptography.fernet import Fernet

    key = secret_key(settings.COMMONWEAL_HOME.vault_keys, "second-step.key", 32)
    return Fernet(base64.urlsafe_b64encode(key))
