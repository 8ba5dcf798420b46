"""What is wrong with a paper consent in words for staff, and what to do about it."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from commonweal.vault.consent.paper.checks import NOT_READ

NOT_TAKEN = "not_taken"  # the paper is right, but its answer cannot be taken yet

PROBLEMS: dict[str, tuple[Any, Any]] = {
    NOT_READ: (
        _("Nobody has written down yet what stands on the paper."),
        _("Open the scan, and fill in what you see."),
    ),
    "file_missing": (_("There is no scan."), _("Scan the signed paper and add it here.")),
    "signature_missing": (
        _("The paper is not signed."),
        _("Ask the person to sign a new paper, with today's date, and scan that one."),
    ),
    "signing_date_missing": (
        _("There is no date beside the signature."),
        _("Ask the person to sign a new paper and to write the date beside it."),
    ),
    "signing_date_far": (
        _("The date beside the signature lies ten days or more from the day of the answer."),
        _("Check both dates against the paper. If they are as written, the person needs to sign again."),
    ),
    "printed_name_missing": (
        _("The name in block letters is missing."),
        _("Ask the person to sign a new paper and to print their name."),
    ),
    "wrong_form": (
        _("This is not the form for the place where the person gets care or lives."),
        _("Print the form that is named here, and ask the person to sign that one."),
    ),
    "check_mark_missing": (
        _("The box that confirms the choice is not ticked."),
        _("Ask the person to tick the box on a new paper and to sign it."),
    ),
    "initials_missing": (
        _("The initials beside the sensitive kinds of records are missing."),
        _("Ask the person to write their initials on a new paper and to sign it."),
    ),
    "guardian_name_missing": (
        _("The guardian's name in block letters is missing."),
        _("Ask the guardian to print their name on a new paper and to sign it."),
    ),
    "guardian_not_linked": (
        _("No guardian's account is linked to this person."),
        _("Ask the guardian to open an account and to link it; then check this paper again."),
    ),
    NOT_TAKEN: (
        _("The paper is right, but the answer cannot be taken yet."),
        _("An earlier step is missing: eligibility, name and birth date, or another consent. Then check again."),
    ),
}


def in_words(codes: Iterable[str]) -> list[dict[str, Any]]:
    """Each problem as {what, do}."""
    return [dict(zip(("what", "do"), PROBLEMS[code], strict=True)) for code in codes if code in PROBLEMS]
