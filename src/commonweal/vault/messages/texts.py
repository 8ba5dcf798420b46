"""What the program writes to people: one entry for each message. A room adds its own here.

The words stand in the inbox, on a page that only the person sees. E-mails and texts say only that there is a message.
`needs`: what must hold for the message to go out.
    NOTHING    receipts, what the law or the person's own act calls for: always
    ASKED      an answer to what the person asked for: not after leaving, deactivation or death
    JOINING    to one who has not decided yet: the same, and not after a no
    RECONTACT  everything else: only while the person's consent lets us write to them
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

NOTHING, ASKED, JOINING, RECONTACT = "nothing", "asked", "joining", "recontact"
NECESSARY, SERVICE, REMINDERS, NEWS = "necessary", "service", "reminders", "news"  # topics; the last two can be refused


@dataclass(frozen=True)
class Template:
    """`subject` and `body` may hold {names}, which `send` is given values for; `link` is where the message leads."""

    id: str
    topic: str
    needs: str
    subject: Any
    body: Any
    link_text: Any = ""


def _call(id: str, topic: str) -> Template:
    """Whether a call is new, moved or near: the same words say it."""
    body = _("We will call you on {starts_at}. It takes about {minutes} minutes.")
    return Template(id, topic, ASKED, _("We will call you"), body, _("See my appointments"))


_ALL = (
    Template(
        "welcome",
        SERVICE,
        JOINING,
        _("Welcome"),
        _(
            "We are glad that you are here. You have an account now; you have not agreed to anything yet.\n\n"
            "Take the next steps when it suits you. What you saved is kept."
        ),
        _("Go on joining"),
    ),
    Template(
        "finish_joining",
        REMINDERS,
        JOINING,
        _("Your place is kept"),
        _(
            "You began to join, and a few steps are still open. What you saved is kept, and there is no hurry.\n\n"
            "If you would rather not go on, you need do nothing. We write about this three times at most."
        ),
        _("Go on joining"),
    ),
    Template(
        "consent_copy",
        NECESSARY,
        NOTHING,
        _("Your copy of what you signed"),
        _("A copy of “{title}”, with your answer, is ready for you to read, print or keep."),
        _("See my documents"),
    ),
    Template(
        "consent_ending",
        NECESSARY,
        RECONTACT,
        _("One of your permissions ends soon"),
        _(
            "Your permission “{title}” ends on {day}. If you want it to go on, please read it and decide again.\n\n"
            "If you do nothing, it ends by itself on that day. What you gave before is then left out of new data too."
        ),
        _("Read and decide"),
    ),
    Template(
        "eligibility_reviewed",
        SERVICE,
        ASKED,
        _("We looked at your answers"),
        _("You asked, or we needed, to look once more at whether you can join. There is an answer now."),
        _("See what we found"),
    ),
    Template(
        "appointment_booked",
        SERVICE,
        ASKED,
        _("Your appointment is booked"),
        _("We expect you on {starts_at}, at {place}. It takes about {minutes} minutes."),
        _("See my appointments"),
    ),
    _call("appointment_call_booked", SERVICE),
    _call("appointment_call_changed", SERVICE),
    _call("appointment_call_reminder", REMINDERS),
    Template(
        "appointment_call_cancelled",
        SERVICE,
        ASKED,
        _("Your appointment is cancelled"),
        _("We will not call you on {starts_at}. You can ask for another time."),
        _("See my appointments"),
    ),
    Template(
        "appointment_changed",
        SERVICE,
        ASKED,
        _("Your appointment has changed"),
        _("Your appointment is now on {starts_at}, at {place}."),
        _("See my appointments"),
    ),
    Template(
        "appointment_cancelled",
        SERVICE,
        ASKED,
        _("Your appointment is cancelled"),
        _("The appointment on {starts_at}, at {place}, will not take place. You can ask for another one."),
        _("See my appointments"),
    ),
    Template(
        "appointment_reminder",
        REMINDERS,
        ASKED,
        _("Your appointment is soon"),
        _(
            "A reminder: we expect you on {starts_at}, at {place}. If you cannot come, tell us and we find another time."
        ),
        _("See my appointments"),
    ),
    Template(
        "help_answered",
        SERVICE,
        ASKED,
        _("We have answered you"),
        _("You asked for help, and we have written an answer."),
        _("Read the answer"),
    ),
    Template(
        "reconsent",
        SERVICE,
        RECONTACT,
        _("Something you agreed to has changed"),
        _("“{title}” has a new text. Please read what is new and decide again. What you decided before is kept."),
        _("Read and decide"),
    ),
    Template(
        "read_again",
        SERVICE,
        RECONTACT,
        _("Please read again"),
        _(
            "“{title}” has a new text. What changed: {why}\n\n"
            "Please read it and answer anew. Your earlier yes holds until you do; you are free to say no."
        ),
        _("Read and decide"),
    ),
    Template(
        "read_again_reminder",
        REMINDERS,
        RECONTACT,
        _("A text still waits for you"),
        _(
            "“{title}” has a new text, and you have not answered yet. What changed: {why}\n\n"
            "Your earlier yes holds until you answer. We write about this three times at most."
        ),
        _("Read and decide"),
    ),
    Template(
        "survey_waits",
        REMINDERS,
        RECONTACT,
        _("A survey waits for you"),
        _(
            "“{title}” is open for you. It takes about {minutes} minutes, and you can stop and go on at any time.\n\n"
            "You may leave out any question, or the whole survey. We write about it a few times at most."
        ),
        _("Go to the survey"),
    ),
    Template(
        "survey_again",
        REMINDERS,
        RECONTACT,
        _("How are things now?"),
        _(
            "You answered “{title}” before. We ask again from time to time, to see what has changed. It takes about "
            "{minutes} minutes.\n\nYou may leave out any question, or skip it this time."
        ),
        _("Go to the survey"),
    ),
    Template(
        "watch_silent",
        REMINDERS,
        RECONTACT,
        _("Nothing comes from your {device}"),
        _(
            "We have seen no day with your {device} on for two weeks or more. Perhaps you do not wear it, or it has not "
            "handed its data to your phone: open its own app once, and it will.\n\n"
            "If you would rather not share it any more, you can disconnect it."
        ),
        _("See my watches and bands"),
    ),
    Template(
        "watch_ended",
        SERVICE,
        RECONTACT,
        _("Your {device} is no longer connected"),
        _(
            "The connection was ended at {device}. What you shared before is kept. You can connect it again at any time."
        ),
        _("See my watches and bands"),
    ),
    Template(
        "left",
        NECESSARY,
        NOTHING,
        _("You have left the program"),
        _("Your receipt says what was done with your data, place by place, and when. Thank you for the time with us."),
        _("See my receipt"),
    ),
    Template(
        "accounts_joined",
        NECESSARY,
        NOTHING,
        _("Your two accounts are one"),
        _("You had two accounts, and our staff joined them. Please log in with the other one from now on."),
        _("See my receipt"),
    ),
    Template(
        "deactivated",
        NECESSARY,
        NOTHING,
        _("We leave you in peace"),
        _("We will not write to you or call you, and take in nothing new. Your receipt says what was done."),
        _("See my receipt"),
    ),
)
TEMPLATES = {template.id: template for template in _ALL}

# What an e-mail or a text says: that there is something to read, and where; no word about health, no name.
OUTSIDE_SUBJECT = _("A message for you from {program}")
OUTSIDE_EMAIL = _(
    "There is a message for you at {program}.\n\nRead it here, after you have logged in:\n{link}\n\n"
    "We never ask for your password. Questions? {contact}"
)
OUTSIDE_SMS = _("There is a message for you at {program}: {link}")
OUTSIDE_SMS_SHORT = _("There is a message for you: {link}")
