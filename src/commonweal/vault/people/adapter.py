"""What the portal adds to accounts: one who signs up becomes a participant, and their language goes with them."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from commonweal.ui.context import language
from commonweal.vault.people import actions
from commonweal.vault.people.models import Account


class Adapter(DefaultAccountAdapter):
    """Registers a participant at sign-up; brings back the account's language at log-in."""

    def save_user(self, request: HttpRequest, user: Account, form: Any, commit: bool = True) -> Account:
        user.language = language()
        account = super().save_user(request, user, form, commit=commit)
        if commit:
            actions.register(account, language=account.language)
        return account

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return reverse("next")

    def post_login(self, request: HttpRequest, user: Account, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, samesite="Lax")
        return response
