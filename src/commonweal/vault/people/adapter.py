"""What the portal adds to accounts: phone numbers, the words, the language, and that who proves an account takes part."""

import secrets
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.account.utils import setup_user_email
from allauth.core import context
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from commonweal.ui.context import current_protocol, language, words
from commonweal.vault.people import account_events, account_texts, phones, sessions
from commonweal.vault.people.models import Account

NO_MATCH = _("This address or number and this password do not belong together. Please check both.")
TOO_OFTEN = _("That was tried too often. Please wait five minutes, then try again, or ask for a new password.")
TAKEN = _("This cannot be used for your account. Please call us if it is yours.")


class Adapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": NO_MATCH,
        "phone_password_mismatch": NO_MATCH,
        "username_password_mismatch": NO_MATCH,
        "invalid_login": NO_MATCH,
        "too_many_login_attempts": TOO_OFTEN,
        "rate_limited": _("That was a little too fast. Please wait half a minute, then try again."),
        "incorrect_code": _("This is not the code that we sent. Please check it, or ask for a new one."),
        "incorrect_password": _("This is not your password. Please try again."),
        "enter_current_password": _("This is not your password now. Please try again."),
        "same_as_current": _("This is the one that you have already."),
        "duplicate_email": _("This is the one that you have already."),
        "email_taken": TAKEN,
        "phone_taken": TAKEN,
    }

    # --- signing up and logging in

    def save_user(self, request: HttpRequest, user: Account, form: Any, commit: bool = True) -> Account:
        user.language = language()
        account: Account = super().save_user(request, user, form, commit=False)
        account.email = account.email or None
        if commit:
            account.save()
        return account

    def get_login_stages(self) -> list[str]:
        ours = {"allauth.account.stages.EmailVerificationStage": "commonweal.vault.people.stages.ProvenContact"}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return reverse("next")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("security")

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        return reverse("security") if self.request.user.is_authenticated else reverse("account_login")

    def post_login(self, request: HttpRequest, user: Account, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        sessions.begin(request, user)
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, samesite="Lax")
        return response

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Failed attempts are counted for each address or number, however it is written."""
        phone = credentials.get("phone") or ""
        name = credentials.get("email") or phones.known(phone) or phone or credentials.get("username") or ""
        return f"portal:{str(name).strip().lower()}"

    def forget_failed_attempts(self, request: HttpRequest, account: Account) -> None:
        for name in filter(None, (account.email, account.phone)):
            key = self._get_login_attempts_cache_key(request, email=name)
            ratelimit.clear(request, app="allauth.account", action="login_failed", key=key)

    @staticmethod
    def spend_the_time_of(password: str, *, by_phone: bool = False) -> None:
        """What is done for a new account is done for a known one too, and taken back, so that the time tells nothing."""
        nobody = f"{secrets.randbelow(10**14):014}"  # no country code begins with 0, and no address ends so
        with transaction.atomic():
            contact = {"phone": f"+0{nobody}"} if by_phone else {"email": f"{nobody}@example.invalid"}
            account = Account(password=make_password(password), language=language(), **contact)
            account.save()
            if not by_phone:
                setup_user_email(context.request, account, [EmailAddress(email=account.email)])
            transaction.set_rollback(True)

    # --- phone numbers

    def phone_form_field(self, **kwargs: Any) -> phones.PhoneField:
        return phones.PhoneField(**{name: value for name, value in kwargs.items() if name != "label"})

    def get_phone(self, user: Account) -> tuple[str, bool] | None:
        return (user.phone, user.phone_verified) if user.phone else None

    def get_user_by_phone(self, phone: str) -> Account | None:
        number = phones.known(phone)
        return Account.objects.filter(phone=number).first() if number else None

    def set_phone(self, user: Account, phone: str, verified: bool) -> None:
        user.phone, user.phone_verified = phone, verified
        if user.pk:
            user.save(update_fields=["phone", "phone_verified"])

    def set_phone_verified(self, user: Account, phone: str) -> None:
        before = user.phone if user.phone != phone and user.phone_verified else None
        self.set_phone(user, phone, True)
        account_events.phone_proven(context.request, user, before)

    # --- what is sent

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """By e-mail to an address, by text message to a number; in the language of whose account it is."""
        account = context.get("user") or _account_of(email)
        with translation.override(account.language if account else language()):
            if email.startswith("+"):
                self.send_text(email, template_prefix.rpartition("/")[2], code=context.get("code", ""))
            else:
                super().send_mail(template_prefix, email, {"program_name": _program(), **context})

    def send_text(self, phone: str, kind: str, code: str = "") -> None:
        """Raises what the provider's class raises where it does not take the message."""
        text = account_texts.TEXTS[kind](_program(), code=code)
        import_string(settings.SMS_BACKEND)().send(phone, text, kind=f"account.{kind}")

    def send_notification_mail(self, template_prefix: str, user: Account, *args: Any, **kwargs: Any) -> None:
        """A notice of a change: by e-mail, or by text message to who has no address."""
        if user.email or kwargs.get("email"):
            kwargs["context"] = {"user": user, **(kwargs.get("context") or {})}
            super().send_notification_mail(template_prefix, user, *args, **kwargs)
        elif user.phone_verified:
            with translation.override(user.language):
                self.send_text(user.phone, "account_changed")

    def send_verification_code_sms(self, user: Account, phone: str, code: str, **kwargs: Any) -> None:
        with translation.override(user.language):
            self.send_text(phone, "verification_code", code)

    def send_unknown_account_sms(self, phone: str, **kwargs: Any) -> None:
        self.send_mail("account/email/unknown_account", phone, {})

    def send_account_already_exists_sms(self, phone: str) -> None:
        self.send_mail("account/email/account_already_exists", phone, {})


def _program() -> str:
    return words(current_protocol().program.name)


def _account_of(contact: str) -> Account | None:
    """Whose language a message to this address or number is in."""
    names = {"phone": contact} if contact.startswith("+") else {"email": contact.lower()}
    return Account.objects.filter(**names).first()
