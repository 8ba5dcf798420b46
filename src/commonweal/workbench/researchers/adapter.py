"""Sign-up is closed: the program makes researchers' accounts (`commonweal accounts create --role researcher`)."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class InvitedOnly(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
