"""What an account is told by text message. Short: one message is 160 characters."""

from django.utils.translation import gettext


def verification_code(program: str, code: str, **_: str) -> str:
    return gettext("%(program)s: your code is %(code)s. It works for 15 minutes. Tell it to nobody.") % {
        "program": program,
        "code": code,
    }


def password_reset_code(program: str, code: str, **_: str) -> str:
    return gettext(
        "%(program)s: %(code)s is your code for a new password. It works for 15 minutes. If you did not ask, do nothing."
    ) % {"program": program, "code": code}


def account_already_exists(program: str, **_: str) -> str:
    return gettext(
        "%(program)s: this number has an account already. Log in, or choose “Forgot your password?”. If this was not you, do nothing."
    ) % {"program": program}


def unknown_account(program: str, **_: str) -> str:
    return gettext(
        "%(program)s: someone asked for a new password with this number, but it has no account. If it was you, try your e-mail address."
    ) % {"program": program}


def number_changed(program: str, **_: str) -> str:
    return gettext(
        "%(program)s: your account now has another phone number. If you did not change it, please call us."
    ) % {"program": program}


def account_changed(program: str, **_: str) -> str:
    return gettext("%(program)s: how you log in was changed. If this was not you, please call us.") % {
        "program": program
    }


TEXTS = {
    text.__name__: text
    for text in (
        verification_code,
        password_reset_code,
        account_already_exists,
        unknown_account,
        number_changed,
        account_changed,
    )
}
