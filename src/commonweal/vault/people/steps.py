"""The steps of joining, as the stepper shows them."""

from django.utils.translation import gettext_lazy as _

JOINING = (_("Can I join?"), _("About you"), _("Your consent"), _("Health records"))
ELIGIBILITY, ABOUT_YOU, CONSENT, RECORDS = range(1, 5)
