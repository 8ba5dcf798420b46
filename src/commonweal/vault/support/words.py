"""What requests for help and incentives are called, for people and for staff."""

from django.utils.translation import gettext_lazy as _

TOPICS = {
    "account": _("Logging in or my account"),
    "joining": _("Joining, or who can join"),
    "consent": _("What I agreed to, or a form"),
    "surveys": _("A survey"),
    "records": _("My health records"),
    "visit": _("A visit or an appointment"),
    "results": _("My results"),
    "privacy": _("Privacy, or leaving the program"),
    "other": _("Something else"),
}
CHANNELS = {"portal": _("On this site"), "phone": _("By phone"), "staff": _("In person"), "event": _("At an event")}
INCENTIVE_TYPES = {
    "cash": _("Cash"),
    "giftcard": _("Gift card"),
    "voucher": _("Voucher"),
    "promotional": _("Item of appreciation"),
    "other": _("Something else"),
}
OCCURRENCES = {
    "one_time": _("First visit"),
    "redraw": _("A second sample"),
    "survey": _("Surveys"),
    "visit": _("A later visit"),
    "other": _("Something else"),
}
RECIPIENTS = {"participant": _("The participant"), "guardian": _("The guardian")}
