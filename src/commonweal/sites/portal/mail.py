"""The portal's settings for e-mail and texts, from the environment.

COMMONWEAL_EMAIL_URL   smtp://user:password@host:port?tls=starttls|ssl     without it: the outbox folder in the vault
COMMONWEAL_SMS_URL     where a text is posted as JSON, with COMMONWEAL_SMS_TOKEN    without it: the outbox folder
COMMONWEAL_PORTAL_URL  how people reach the portal, for links in messages; `serve portal` gives its own address
"""

import os
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from commonweal.errors import BadInput

TRANSPORT = "commonweal.vault.messages.transport"
PORTS = {"": 25, "starttls": 587, "ssl": 465}
SECONDS = 10
HERE = {("http", "127.0.0.1"), ("http", "localhost")}
WRITE_IT = "COMMONWEAL_EMAIL_URL: write it as smtp://user:password@host:port?tls=starttls (or ssl)"


def settings() -> dict[str, Any]:
    sms = os.environ.get("COMMONWEAL_SMS_URL", "")
    check_sms(sms)
    return {
        **email(os.environ.get("COMMONWEAL_EMAIL_URL", "")),
        "SMS_BACKEND": f"{TRANSPORT}.{'HttpSms' if sms else 'SmsOutbox'}",
        "SMS_URL": sms,
        "SMS_TOKEN": os.environ.get("COMMONWEAL_SMS_TOKEN", ""),
        "PORTAL_URL": os.environ.get("COMMONWEAL_PORTAL_URL", "http://localhost:8000").rstrip("/"),
    }


def check_sms(url: str) -> None:
    """Raises BadInput for an address that a text would go to in the clear; this machine alone may be one."""
    parts = urlsplit(url)
    if url and parts.scheme != "https" and (parts.scheme, parts.hostname) not in HERE:
        raise BadInput("COMMONWEAL_SMS_URL: texts go over https:// only")


def email(url: str) -> dict[str, Any]:
    """Django's e-mail settings for an address smtp://…; the outbox folder without one. Raises BadInput."""
    if not url:
        return {"EMAIL_BACKEND": f"{TRANSPORT}.Outbox"}
    parts = urlsplit(url)
    tls = parse_qs(parts.query).get("tls", [""])[0]
    try:
        port = parts.port or PORTS[tls]
    except (ValueError, KeyError):  # no number, or no such way
        raise BadInput(WRITE_IT) from None
    if parts.scheme != "smtp" or not parts.hostname:
        raise BadInput(WRITE_IT)
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": tls == "starttls",
        "EMAIL_USE_SSL": tls == "ssl",
        "EMAIL_TIMEOUT": SECONDS,
    }
