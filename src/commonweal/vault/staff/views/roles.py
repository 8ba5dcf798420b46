"""Who has which role, giving and ending them, and what each role may do."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from commonweal.errors import BadInput, Refused
from commonweal.vault.people.models import Account
from commonweal.vault.staff import assigning, navigation, paging, policies, roles
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.forms_roles import RoleForm
from commonweal.vault.staff.models import StaffRole


@permission_required("see_roles")
@require_http_methods(["GET", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """The roles within one's scope, now or ended; the form to give one, for who may."""
    may_give = policies.can(request.user, "roles")
    form = RoleForm(request.POST if request.method == "POST" and may_give else None)
    if form.is_bound and form.is_valid() and _give(request, form):
        return redirect("staff_roles")
    ended = request.GET.get("ended") == "1"
    found = _within(request.user).filter(ended_at__isnull=not ended).select_related("account", "given_by", "ended_by")
    page = paging.page_of(found.order_by("role", "site", "scope", "pk"), paging.number_of(request.GET.get("page")))
    context = {
        "form": form,
        "page": page,
        "ended": ended,
        "may_give": may_give,
        "account": request.user,
        "kept": "ended=1&" if ended else "",
        "matrix": _matrix(),
        "names": list(navigation.ROLE_NAMES.values()),
    }
    return render(request, "staff/roles.html", context)


def _within(account: Account) -> QuerySet[StaffRole]:
    scope = roles.scope_of(account, "see_roles")
    found = StaffRole.objects.all()
    if scope.everything:
        return found
    places = sorted(scope.organisations | scope.awardees)
    return found.filter(site__in=scope.sites) | found.filter(scope__in=places)


def _matrix() -> list[tuple[str, list[bool]]]:
    """Each permission with whether each role has it, as the page's table shows it."""
    return [(one, [one in roles.MATRIX[role] for role in navigation.ROLE_NAMES]) for one in sorted(roles.PERMISSIONS)]


def _give(request: HttpRequest, form: RoleForm) -> bool:
    account = Account.objects.filter(email=form.cleaned_data["email"].strip().lower(), is_active=True).first()
    if account is None:
        form.add_error("email", _("No account has this address. Ask them to make one first."))
        return False
    try:
        assigning.give_by(request.user, account, form.cleaned_data["role"], **form.place())
    except Refused:
        form.add_error(None, _("Nobody gives a role to themselves, or one that reaches further than their own."))
    except BadInput:
        form.add_error("role", _("This role does not go with this place."))
    else:
        messages.success(request, _("The role is given."), extra_tags="good")
        return True
    return False


@permission_required("roles")
@require_POST
def end(request: HttpRequest, number: int) -> HttpResponse:
    """End a role; it stays in the history."""
    held = get_object_or_404(StaffRole.objects.select_related("account"), pk=number)
    try:
        assigning.end_by(request.user, held)
    except Refused:
        messages.error(request, _("Nobody ends their own role; ask another operator."), extra_tags="bad")
    else:
        messages.success(request, _("The role has ended."), extra_tags="good")
    return redirect("staff_roles")
