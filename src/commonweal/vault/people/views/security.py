"""Everything about how somebody logs in, on one page."""

from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from commonweal.vault.people.access import account_only


@account_only
@require_safe
@never_cache
def security(request: HttpRequest) -> HttpResponse:
    """Password, passkeys, second step, sessions, address and number, each with where to change it."""
    kinds = list(Authenticator.objects.filter(user=request.user.pk).values_list("type", flat=True))
    return render(
        request,
        "people/security.html",
        {
            "account": request.user,
            "passkeys": kinds.count(Authenticator.Type.WEBAUTHN),
            "app": Authenticator.Type.TOTP in kinds,
            "codes": Authenticator.Type.RECOVERY_CODES in kinds,
        },
    )
