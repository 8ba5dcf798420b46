"""A step of the log-in: an account is known by what it has proven, an e-mail address or a phone number."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage


class ProvenContact(EmailVerificationStage):
    """The e-mail address must be proven, unless there is none and the phone number has been."""

    def handle(self) -> tuple[Any, bool]:
        account = self.login.user
        if account and account.phone_verified and not (account.email or self._address(account)):
            return None, True
        answer: tuple[Any, bool] = super().handle()
        return answer

    @staticmethod
    def _address(account: Any) -> bool:
        return EmailAddress.objects.filter(user=account).exists()
