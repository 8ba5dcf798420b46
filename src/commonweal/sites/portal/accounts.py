"""How people open an account on the portal, prove that it is theirs, and how long they stay logged in."""

import os
from typing import Any

FORMS = "commonweal.vault.people.account_forms"
CODE_SECONDS = 15 * 60
MIDDLEWARE = ["commonweal.vault.people.sessions.Limits"]  # right behind the one that knows who is logged in


def settings() -> dict[str, Any]:
    return {**_account(), **_second_step(), **_limits(), **_sessions()}


def _account() -> dict[str, Any]:
    """An e-mail address or a mobile number, proven by a code before anything else opens; nobody learns who has one."""
    return {
        "ACCOUNT_LOGIN_METHODS": {"email", "phone"},
        "ACCOUNT_SIGNUP_FIELDS": ["email*", "phone", "password1*"],  # the form asks for one of the first two
        "ACCOUNT_EMAIL_VERIFICATION": "mandatory",
        "ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED": True,
        "ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT": CODE_SECONDS,
        "ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND": True,
        "ACCOUNT_PHONE_VERIFICATION_TIMEOUT": CODE_SECONDS,
        "ACCOUNT_PHONE_VERIFICATION_SUPPORTS_RESEND": True,
        "ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED": True,
        "ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT": CODE_SECONDS,
        "ALLAUTH_USER_CODE_FORMAT": {"numeric": True, "length": 8, "dashed": True},
        "ACCOUNT_CHANGE_EMAIL": True,
        "ACCOUNT_EMAIL_NOTIFICATIONS": True,
        "ACCOUNT_EMAIL_SUBJECT_PREFIX": "",
        "ACCOUNT_REAUTHENTICATION_REQUIRED": True,
        "ACCOUNT_REAUTHENTICATION_TIMEOUT": 10 * 60,
        "ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE": False,  # this session stays; Django ends every other one
        "ACCOUNT_FORMS": {
            "signup": f"{FORMS}.SignUp",
            "login": f"{FORMS}.LogIn",
            "reset_password": f"{FORMS}.Reset",
            "confirm_email_verification_code": f"{FORMS}.EmailCode",
            "verify_phone": f"{FORMS}.PhoneCode",
            "confirm_password_reset_code": f"{FORMS}.ResetCode",
            "add_email": f"{FORMS}.NewEmail",
        },
        # text messages go where the program's participants live, and nowhere dearer
        "PHONE_REGIONS": ("US", "PR", "VI", "GU", "AS", "MP"),
    }


def _second_step() -> dict[str, Any]:
    return {
        "MFA_ADAPTER": "commonweal.vault.people.second_step.Adapter",
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        "MFA_TOTP_TOLERANCE": 1,
        "MFA_RATE_LIMITS": {"webauthn_login": "60/m/ip"},
        "MFA_FORMS": {
            "activate_totp": f"{FORMS}.ActivateApp",
            "authenticate": f"{FORMS}.SecondStep",
            "reauthenticate": f"{FORMS}.SecondStepAgain",
            "login_webauthn": f"{FORMS}.PasskeyAlone",
            "authenticate_webauthn": f"{FORMS}.PasskeySecond",
            "reauthenticate_webauthn": f"{FORMS}.PasskeyAgain",
            "add_webauthn": f"{FORMS}.NewPasskey",
            "edit_webauthn": f"{FORMS}.PasskeyName",
        },
    }


def _limits() -> dict[str, Any]:
    """Limits hold across worker processes: their counts are rows of the vault's database.

    Those by address (ip) are generous, because a clinic or an event joins from one address; those by account (key) are not.
    """
    return {
        "CACHES": {
            "default": {
                "BACKEND": "django.core.cache.backends.db.DatabaseCache",
                "LOCATION": "people_sharedcache",  # made by the people app's migrations
                "OPTIONS": {"MAX_ENTRIES": 100_000},
            }
        },
        "ACCOUNT_RATE_LIMITS": {
            "signup": "60/m/ip,600/h/ip",
            "login": "120/m/ip",
            "login_failed": "30/m/ip,5/5m/key",
            "reset_password": "30/m/ip,5/10m/key",
            "reset_password_from_key": "30/m/ip",
            "confirm_email": "1/20s/key,10/h/key",
            "verify_phone": "1/30s/key,10/h/key,60/m/ip",
            "confirm_code": "60/m/ip",
            "change_password": "5/m/user",
            "change_phone": "3/m/user",
            "manage_email": "10/m/user",
            "reauthenticate": "10/m/user",
            # our own: wrong codes alone are counted
            "invitation_code": "20/10m/ip",
            "helper_code": "10/10m/ip",
        },
        # how many proxies of the program's own stand in front; with none, X-Forwarded-For is what anybody may write
        "ALLAUTH_TRUSTED_PROXY_COUNT": int(os.environ.get("COMMONWEAL_PROXIES", "0")),
    }


def _sessions() -> dict[str, Any]:
    return {
        "SESSION_IDLE_SECONDS": {"participant": 30 * 60, "staff": 15 * 60},
        "SESSION_LONGEST_SECONDS": 8 * 3600,
    }
