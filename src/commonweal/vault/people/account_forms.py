"""Forms of the account: plain fields, one at a time where that is kinder, and no answer that tells who has an account."""

from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows import signup
from allauth.account.internal.userkit import filter_users_by_email
from allauth.core import context, ratelimit
from allauth.mfa.base import forms as second_step
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from commonweal.vault.people import phones

BY_PHONE = "phone"
LONGEST_PASSWORD = 1000  # hashing more would be a way to keep us busy


def _shorter_password(field: forms.Field) -> None:
    field.widget.attrs["maxlength"] = LONGEST_PASSWORD
    field.validators.append(forms.CharField(max_length=LONGEST_PASSWORD).validators[0])


def _contact(**options: Any) -> forms.CharField:
    attributes = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
    label = _("E-mail address or mobile phone number")
    return forms.CharField(label=label, max_length=254, widget=forms.TextInput(attrs=attributes), **options)


class SignUp(account.SignupForm):
    """By e-mail address or, where the page was asked for so, by phone number."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = context.request.GET if context.request else {}
        self.by_phone = BY_PHONE in self.data if self.is_bound else asked.get("by") == BY_PHONE
        del self.fields["email" if self.by_phone else BY_PHONE]
        if self.by_phone:
            self.fields[BY_PHONE].required = True
            self.fields[BY_PHONE].help_text = _("We send a code to it, to see that it is yours.")
        else:
            self.fields["email"].label = _("E-mail address")
            self.fields["email"].help_text = _("We send a code to it, to see that it is yours.")
        _shorter_password(self.fields["password1"])

    def try_save(self, request: HttpRequest) -> tuple[Any, Any]:
        """A known address or number is answered as a new one is, and its owner gets a notice."""
        if not self.account_already_exists:
            try:
                with transaction.atomic():
                    answer: tuple[Any, Any] = super().try_save(request)
                    return answer
            except IntegrityError:  # the same one in two windows at once
                pass
        get_adapter().spend_the_time_of(self.cleaned_data["password1"], by_phone=self.by_phone)
        names = {"email": self.cleaned_data.get("email"), "phone": self.cleaned_data.get("phone")}
        return None, signup.prevent_enumeration(request, **names)


class LogIn(account.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = _contact()
        self.fields["login"].widget.attrs["autocomplete"] = "username webauthn"
        self.order_fields(["login", "password"])
        _shorter_password(self.fields["password"])


class Reset(account.ResetPasswordForm):
    """Where to send the code for a new password. The field keeps the name that the package gives it."""

    email = _contact()

    def clean_email(self) -> str:
        text = self.cleaned_data["email"].strip()
        number = phones.known(text)
        if number:
            account = get_adapter().get_user_by_phone(number)
            self.users = [account] if account and account.is_active else []
            return number
        try:
            validate_email(text)
        except ValidationError:
            raise ValidationError(_("Write an e-mail address, or a phone number with its area code.")) from None
        address = text.lower()
        self.users = filter_users_by_email(address, is_active=True, prefer_verified=True, for_login=True)
        return address


class NewEmail(account.AddEmailForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New e-mail address")
        self.fields["email"].help_text = _("We send a code to it, to see that it is yours.")


class _Code(forms.Form):
    """A field for digits, which browsers and phones fill in by themselves."""

    code_label: Any = _("The code")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        attributes = {"autocomplete": "one-time-code", "inputmode": "numeric", "class": "some"}
        self.fields["code"] = forms.CharField(
            label=self.code_label, max_length=40, widget=forms.TextInput(attrs=attributes)
        )


class _SentCode(_Code):
    code_label = _("The code that we sent")

    def clean_code(self) -> str:
        if not ratelimit.consume(context.request, action="confirm_code"):
            raise get_adapter().validation_error("too_many_login_attempts")
        code: str = super().clean_code()  # type: ignore[misc]
        return code


class EmailCode(_SentCode, account.ConfirmEmailVerificationCodeForm):
    pass


class PhoneCode(_SentCode, account.VerifyPhoneForm):
    pass


class ResetCode(_SentCode, account.ConfirmPasswordResetCodeForm):
    pass


class ActivateApp(_Code, ActivateTOTPForm):
    code_label = _("The six digits that your app shows")


class SecondStep(_Code, second_step.AuthenticateForm):
    code_label = _("The six digits from your app, or a recovery code")


class SecondStepAgain(_Code, second_step.ReauthenticateForm):
    code_label = _("The six digits from your app, or a recovery code")


class _Json(forms.JSONField):
    """JSON as anybody may write it: what breaks the reading (endless digits, endless brackets) is no answer of a passkey."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        try:
            if "\\u0000" in str(value):
                raise ValueError
            return super().to_python(value)
        except (ValueError, RecursionError):
            raise get_adapter().validation_error("incorrect_code") from None


class _Passkey(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = _Json()


class PasskeyAlone(_Passkey, LoginWebAuthnForm):
    pass


class PasskeySecond(_Passkey, AuthenticateWebAuthnForm):
    pass


class PasskeyAgain(_Passkey, ReauthenticateWebAuthnForm):
    pass


class NewPasskey(_Passkey, AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"passwordless": True} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.CharField(
            label=_("A name for it, such as My phone"), required=False, max_length=100
        )
        self.fields["passwordless"].label = _("Let me log in with it alone, without a password")
        self.fields["passwordless"].help_text = ""


class PasskeyName(EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.CharField(label=_("Its name"), max_length=100)
