"""Sign-up is closed: the program makes researchers' accounts (`commonweal accounts create --role researcher`)."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class InvitedOnly(DefaultAccountAdapter):
    """Also says no more than it must: a log-in succeeding needs no message (and none names an account)."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(
        self, request: HttpRequest, level: int, message_template: str = "", *rest: Any, **named: Any
    ) -> None:
        if message_template not in ("account/messages/logged_in.txt", "account/messages/logged_out.txt"):
            super().add_message(request, level, message_template, *rest, **named)
