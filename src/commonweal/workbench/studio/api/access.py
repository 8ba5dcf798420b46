"""Who speaks to the interface: a token of a researcher, or a researcher's browser session."""

from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth

from commonweal.workbench.researchers.actions import researcher_of_token
from commonweal.workbench.researchers.models import Researcher


class Token(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> Researcher | None:
        return researcher_of_token(token)


class Session(SessionAuth):
    """Of somebody who is logged in; then the CSRF token of requests that are not safe is checked."""

    def __call__(self, request: HttpRequest) -> Researcher | None:
        return super().__call__(request) if isinstance(request.user, Researcher) else None

    def authenticate(self, request: HttpRequest, key: str | None) -> Researcher | None:
        return request.user if isinstance(request.user, Researcher) and request.user.is_active else None
