"""Every view says who may see it; one that says nothing is seen by nobody.

`@policy("public")` marks a view; rooms make stricter marks of their own by passing a test of the request. The
middleware refuses a view without a mark, so that a new page cannot be left open by forgetting.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase

View = Callable[..., HttpResponseBase]
OUTSIDE = ("allauth.",)  # packages whose own views carry their own checks


def policy(name: str, check: Callable[[HttpRequest], HttpResponseBase | None] | None = None) -> Callable[[View], View]:
    """Mark a view with the policy `name`; `check` may raise PermissionDenied or answer with a redirect instead."""

    def mark(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            answer = check(request) if check else None
            return answer if answer is not None else view(request, *args, **kwargs)

        checked.policy = name  # type: ignore[attr-defined]
        return checked

    return mark


public = policy("public")


def policy_of(view: View) -> str | None:
    """The policy a view was marked with, or that of the package it comes from, or None."""
    marked = getattr(view, "policy", None)
    if marked is None and getattr(view, "__module__", "").startswith(OUTSIDE):
        return "outside"
    return marked


class DenyByDefault:
    """Middleware: a view without a policy is forbidden."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> None:
        if policy_of(view) is None:
            raise PermissionDenied("this page declares no policy")
