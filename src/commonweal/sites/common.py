"""What the settings of the three sites share. Each site passes its own database, keys, apps and cookie names."""

import base64
import os
from pathlib import Path
from typing import Any

import dj_database_url

from commonweal.home import Home, secret_key

PACKAGE = Path(__file__).resolve().parent.parent

WEB_APPS = [
    "commonweal.ui",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "django_htmx",
]


def database(url: str) -> dict[str, Any]:
    """Django's settings for a database URL; SQLite in WAL mode with writers that wait for each other, and commits for the disk."""
    settings: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    if settings["ENGINE"].endswith("sqlite3"):
        settings["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-64000;",
        }
        # a file also for tests: columnar reading opens a second connection, which cannot see a database in memory
        settings["TEST"] = {"NAME": str(Path(settings["NAME"]).with_name("test.sqlite3"))}
    return settings


def django_key(folder: Path) -> str:
    return base64.b64encode(secret_key(folder, "django.key", 48)).decode()


def base(home: Home, *, name: str, keys: Path, database_url: str, apps: list[str], user_model: str) -> dict[str, Any]:
    """Settings of a process that keeps a Django database: apps, database, time, language, logging."""
    return {
        "BASE_DIR": home.root,
        "COMMONWEAL_HOME": home,
        "COMMONWEAL_SITE": name,
        "SECRET_KEY": django_key(keys),
        "DEBUG": os.environ.get("COMMONWEAL_DEBUG") == "1",
        "ALLOWED_HOSTS": os.environ.get("COMMONWEAL_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(","),
        "INSTALLED_APPS": [
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "commonweal.audit",
            *apps,
        ],
        "DATABASES": {"default": database(database_url)},
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "AUTH_USER_MODEL": user_model,
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "USE_I18N": True,
        "LANGUAGE_CODE": "en",
        "LANGUAGES": [("en", "English"), ("es", "Español")],
        "LOCALE_PATHS": [PACKAGE / "ui" / "locale"],
        "LOGGING": {
            "version": 1,
            "disable_existing_loggers": False,
            "handlers": {"stderr": {"class": "logging.StreamHandler"}},
            "root": {"handlers": ["stderr"], "level": "WARNING"},
            # what it warns of are addresses that do not exist, as somebody typed them: no business of a log
            "loggers": {"django.request": {"level": "ERROR"}},
        },
    }


def web(home: Home, *, name: str, urls: str) -> dict[str, Any]:
    """Settings of a process that answers browsers: middleware, templates, cookies of its own, headers, log-in."""
    return {
        "ROOT_URLCONF": urls,
        "WSGI_APPLICATION": f"commonweal.sites.{name}.wsgi.application",
        "MIDDLEWARE": [
            "django.middleware.security.SecurityMiddleware",
            "csp.middleware.CSPMiddleware",
            "whitenoise.middleware.WhiteNoiseMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.locale.LocaleMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
            "allauth.account.middleware.AccountMiddleware",
            "django_htmx.middleware.HtmxMiddleware",
        ],
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                        "commonweal.ui.context.site",
                    ],
                    "builtins": ["commonweal.ui.templatetags.ui", "django.templatetags.i18n"],
                },
            }
        ],
        "AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"],
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
            {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
            {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
        ],
        "ACCOUNT_USER_MODEL_USERNAME_FIELD": None,
        "ACCOUNT_LOGIN_METHODS": {"email"},
        "ACCOUNT_SIGNUP_FIELDS": ["email*", "password1*"],
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_PREVENT_ENUMERATION": True,
        "ACCOUNT_SESSION_REMEMBER": False,
        "ACCOUNT_LOGOUT_ON_GET": False,
        "LOGIN_URL": "account_login",
        "STATIC_URL": "/static/",
        "WHITENOISE_USE_FINDERS": True,
        "WHITENOISE_MAX_AGE": 3600,
        **_protection(name),
    }


def _protection(name: str) -> dict[str, Any]:
    """Cookies of the site's own (browsers ignore ports), and headers that keep a page to itself."""
    from csp.constants import NONE, SELF

    secure = os.environ.get("COMMONWEAL_HTTPS") == "1"
    return {
        "SESSION_COOKIE_NAME": f"{name}_session",
        "CSRF_COOKIE_NAME": f"{name}_csrf",
        "LANGUAGE_COOKIE_NAME": f"{name}_language",
        "SESSION_COOKIE_AGE": 8 * 3600,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SECURE": secure,
        "CSRF_COOKIE_SECURE": secure,
        # the web server in front ends HTTPS and says so: else forms are taken for those of another site, and links are plain HTTP
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https") if secure else None,
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "X_FRAME_OPTIONS": "DENY",
        "CONTENT_SECURITY_POLICY": {
            "DIRECTIVES": {
                "default-src": [SELF],
                "img-src": [SELF, "data:"],
                "frame-ancestors": [NONE],
                "form-action": [SELF],
                "base-uri": [NONE],
                "object-src": [NONE],
            }
        },
    }
