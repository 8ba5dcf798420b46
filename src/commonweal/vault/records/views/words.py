"""What a clinic's refusals mean, in plain words. Its own words are not repeated: they may hold anything."""

from django.utils.translation import gettext as _


def sent_back(error: str, clinic: str) -> str:
    """What it means that a clinic sent somebody back with this `error` (RFC 6749, 4.1.2.1), or without a code."""
    if error in ("", "access_denied"):
        return _("Nothing was connected. You can try again whenever you like.")
    if error in ("server_error", "temporarily_unavailable"):
        said = _("%(clinic)s could not do this at the moment. Nothing was connected; please try again later.")
    else:  # invalid_scope, unauthorized_client, …: between the clinic and us
        said = _(
            "%(clinic)s does not let this program in. Nothing was connected, and it is nothing that you did: please tell us."
        )
    return said % {"clinic": clinic}


def not_given(code: str, clinic: str) -> str:
    """What it means that a clinic let somebody in, and gave nothing that can be used (`launch.NotGiven`)."""
    if code == "nothing":
        said = _("You left out everything at %(clinic)s, so there is nothing to read. Nothing was connected.")
    elif code == "no_patient":
        said = _("%(clinic)s did not say whose record it is. Nothing was connected; perhaps you have no record there.")
    else:
        said = _("You came back from another place than %(clinic)s. Nothing was connected, to be safe.")
    return said % {"clinic": clinic}
