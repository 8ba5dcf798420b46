"""What the receipt says, line by line, in the language of the page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from commonweal.ui.charts import figure
from commonweal.vault.journey.leaving.outcome import DEACTIVATION, DECEASE, MERGE, WITHDRAWAL
from commonweal.vault.journey.models import LeavingReceipt, ReceiptLine

KINDS = {
    WITHDRAWAL: gettext_lazy("You have left the program"),
    DEACTIVATION: gettext_lazy("We leave you in peace"),
    DECEASE: gettext_lazy("The program was told of a death"),
    MERGE: gettext_lazy("Your two accounts are one"),
}
TITLES = {
    "joined": gettext_lazy("What you gave with this account"),
    "consent": gettext_lazy("Your consent"),
    "messages": gettext_lazy("Messages"),
    "appointments": gettext_lazy("Appointments"),
    "support": gettext_lazy("Requests for help"),
    "surveys": gettext_lazy("Survey answers"),
    "safety": gettext_lazy("Calls about how you are"),
    "records": gettext_lazy("Health records"),
    "clinics": gettext_lazy("Records from your clinic"),
    "wearables": gettext_lazy("Watches and fitness bands"),
    "device_days": gettext_lazy("Data of your watch or fitness band"),
    "results": gettext_lazy("Results"),
    "biobank": gettext_lazy("Samples in the biobank"),
    "helpers": gettext_lazy("People who help you"),
    "invitations": gettext_lazy("Your link for friends"),
    "sessions": gettext_lazy("Other devices on which you were logged in"),
    "releases": gettext_lazy("Releases so far"),
    "next_release": gettext_lazy("The next release"),
    "notice": gettext_lazy("This receipt"),
}
STATES = {
    ReceiptLine.PENDING: (gettext_lazy("waiting"), "caution"),
    ReceiptLine.DONE: (gettext_lazy("done"), "good"),
    ReceiptLine.NOTHING: (gettext_lazy("nothing to do"), ""),
    ReceiptLine.FAILED: (gettext_lazy("we are on it"), "bad"),
}


@dataclass(frozen=True)
class Line:
    """One line of the receipt in words."""

    store: str
    title: str
    text: str
    state: str
    word: str
    badge: str
    done_at: datetime | None


def lines(receipt: LeavingReceipt) -> list[Line]:
    return [_line(receipt.kind, one) for one in receipt.lines.order_by("pk")]


def title(receipt: LeavingReceipt) -> str:
    return str(KINDS[receipt.kind])


def _line(kind: str, line: ReceiptLine) -> Line:
    word, badge = STATES[line.state]
    text = _open(line) if line.state == ReceiptLine.FAILED else _said(kind, line)
    return Line(line.store, str(TITLES[line.store]), text, line.state, str(word), badge, line.done_at)


def _open(line: ReceiptLine) -> str:
    return _("This did not work yet. It is tried again by itself, and our staff look at it.")


def _said(kind: str, line: ReceiptLine) -> str:
    if line.state == ReceiptLine.PENDING and not line.attempts:
        return _("This is being done.")
    return _SENTENCES[line.store](line.count or 0, line.detail, kind, line.state)


def _joined(count: int, detail: dict[str, Any], kind: str, state: str) -> str:
    return ngettext(
        "%(count)s thing that you gave here now stands in your other account, with its day.",
        "%(count)s things that you gave here now stand in your other account, with their days.",
        count,
    ) % {"count": figure(count)}


def _consent(count: int, detail: dict[str, Any], kind: str, state: str) -> str:
    if kind in (DEACTIVATION, DECEASE):
        return _("Nothing new is collected. What was given before stays in use for research, without the name.")
    if kind == MERGE:
        return _("Nothing is used any more under this account. What you agreed to holds in your other account.")
    if not count:
        return _("You had not agreed to anything, so there is nothing to end.")
    return _("Everything that you had agreed to has ended. Nobody may use your data for new research.")


def _messages(count: int, detail: dict[str, Any], kind: str, state: str) -> str:
    if not count:
        return _("No message was waiting. We do not write any more.")
    return ngettext(
        "%(count)s message that was waiting will not be sent. We do not write any more.",
        "%(count)s messages that were waiting will not be sent. We do not write any more.",
        count,
    ) % {"count": figure(count)}


def _appointments(count: int, detail: dict[str, Any], kind: str, state: str) -> str:
    if not count:
        return _("There was no appointment to come.")
    return ngettext("%(count)s appointment is cancelled.", "%(count)s appointments are cancelled.", count) % {
        "count": figure(count)
    }


def _support(count: int, detail: dict[str, Any], kind: str, state: str) -> str:
    if not count:
        return _("No request was open.")
    return ngettext(
        "%(count)s open request is closed; nobody calls back.",
        "%(count)s open requests are closed; nobody calls back.",
        count,
    ) % {"count": figure(count)}


def _surveys(count: int, detail: dict[str, Any], kind: str, state: str) -> str:
    parts = []
    if count and detail.get("used"):
        parts.append(_("Surveys handed in before stay in use."))
    elif count:
        parts.append(
            ngettext(
                "%(count)s survey that you handed in is kept and not used any more.",
                "%(count)s surveys that you handed in are kept and not used any more.",
                count,
            )
            % {"count": figure(count)}
        )
    if detail.get("drafts"):
        parts.append(_("Answers that were not handed in yet are deleted."))
    return " ".join(parts) or _("No survey was handed in. None is asked for any more.")


def _safety(count: int, detail: dict[str, Any], kind: str, state: str) -> str:
    if not count:
        return _("No call was waiting.")
    if kind == MERGE:
        return _("We call you under your other account.")
    if detail.get("waiting"):
        return _("Someone may still call you once, because an answer of yours made us want to know how you are.")
    return _("Nobody calls about your answers any more.")


def _records(count: int, detail: dict[str, Any], kind: str, state: str) -> str:
    refused = _("New records from your places of care are refused.")
    if not count:
        return _("We hold no health records.") + " " + refused
    if detail.get("used"):
        said = ngettext(
            "%(count)s record that we hold stays in use.", "%(count)s records that we hold stay in use.", count
        )
    else:
        said = ngettext(
            "%(count)s record that we hold is not used any more.",
            "%(count)s records that we hold are not used any more.",
            count,
        )
    return said % {"count": figure(count)} + " " + refused


def _clinics(count: int, detail: dict[str, Any], kind: str, state: str) -> str:
    return _cut(detail, state, _("No clinic was connected."))


def _wearables(count: int, detail: dict[str, Any], kind: str, state: str) -> str:
    return _cut(detail, state, _("No device was connected."))


def _cut(detail: dict[str, Any], state: str, none: str) -> str:
    names = ", ".join(detail.get("providers", []))
    if state == ReceiptLine.NOTHING:
        return none
    if state == ReceiptLine.PENDING:
        waiting = ", ".join(detail.get("waiting", []))
        return _("Cut: nothing comes in any more. We are telling %(names)s, and try until they confirm.") % {
            "names": waiting
        }
    return _("Cut: nothing comes in any more. %(names)s has confirmed it.") % {"names": names}


def _device_days(count: int, detail: dict[str, Any], kind: str, state: str) -> str:
    said = [_device_days_held(count, bool(detail.get("used")))]
    if detail.get("dropped"):
        said.append(_("A file that you sent and that nobody had read yet is deleted."))
    return " ".join(said)


def _device_days_held(count: int, used: bool) -> str:
    if not count:
        return _("We hold no data of a device.")
    if used:
        said = ngettext("%(count)s day that we hold stays in use.", "%(count)s days that we hold stay in use.", count)
    else:
        said = ngettext(
            "%(count)s day that we hold is not used any more.",
            "%(count)s days that we hold are not used any more.",
            count,
        )
    return said % {"count": figure(count)}


def _results(count: int, detail: dict[str, Any], kind: str, state: str) -> str:
    return _("No result is prepared for you any more.") if count else _("You had not asked for results.")


def _biobank(count: int, detail: dict[str, Any], kind: str, state: str) -> str:
    if state == ReceiptLine.NOTHING:
        if kind == MERGE:
            return _("Your samples go on under your other account.")
        return _("You had not agreed to give samples.")
    if detail.get("ceremony") == "requested":
        return _("If you gave samples, they are on the list for destruction, with a ceremony as you asked.")
    return _("If you gave samples, they are on the list for destruction.")


def _helpers(count: int, detail: dict[str, Any], kind: str, state: str) -> str:
    if not count:
        return _("Nobody was linked to help you.")
    if kind == MERGE:
        return _("Whoever helped you here now helps you in your other account.")
    return ngettext(
        "%(count)s person can no longer see or do anything for you here.",
        "%(count)s people can no longer see or do anything for you here.",
        count,
    ) % {"count": figure(count)}


def _invitations(count: int, detail: dict[str, Any], kind: str, state: str) -> str:
    return _("The link does not work any more.") if count else _("You had none.")


def _sessions(count: int, detail: dict[str, Any], kind: str, state: str) -> str:
    if detail.get("closed"):
        return _("All log-ins have ended, and the account is closed.")
    if not count:
        return _("There was no other. You can still log in to read this receipt and to see your data.")
    return ngettext(
        "%(count)s other log-in has ended. You can still log in to read this receipt and to see your data.",
        "%(count)s other log-ins have ended. You can still log in to read this receipt and to see your data.",
        count,
    ) % {"count": figure(count)}


def _releases(count: int, detail: dict[str, Any], kind: str, state: str) -> str:
    names = ", ".join(dict.fromkeys(one["name"] for one in detail.get("releases", [])))
    if not names:
        return _("Your data were in no release.")
    return _("Your data, without your name, are in: %(names)s. What was done with these releases cannot be undone.") % {
        "names": names
    }


def _next_release(count: int, detail: dict[str, Any], kind: str, state: str) -> str:
    if state == ReceiptLine.NOTHING:
        return _("You had not agreed to anything, so you would not have been in it.")
    if state == ReceiptLine.PENDING:
        return _("You will not be in it. When it is published, we check that, and this line says so.")
    return _("Release %(name)s was published afterwards. We checked: you are not in it.") % {"name": detail["release"]}


def _notice(count: int, detail: dict[str, Any], kind: str, state: str) -> str:
    if state == ReceiptLine.NOTHING:
        return _("There is no account to send it to.")
    return _("We sent one last message that leads here.")


_SENTENCES = {
    "joined": _joined,
    "consent": _consent,
    "messages": _messages,
    "appointments": _appointments,
    "support": _support,
    "surveys": _surveys,
    "safety": _safety,
    "records": _records,
    "clinics": _clinics,
    "wearables": _wearables,
    "device_days": _device_days,
    "results": _results,
    "biobank": _biobank,
    "helpers": _helpers,
    "invitations": _invitations,
    "sessions": _sessions,
    "releases": _releases,
    "next_release": _next_release,
    "notice": _notice,
}


def document(receipt: LeavingReceipt) -> dict[str, Any]:
    """The receipt as plain JSON values, with the words of the page."""
    return {
        "receipt": str(receipt.uuid),
        "kind": receipt.kind,
        "title": title(receipt),
        "asked_at": receipt.asked_at.isoformat(),
        "finished_at": receipt.finished_at.isoformat() if receipt.finished_at else None,
        "lines": [
            {
                "store": line.store,
                "title": line.title,
                "state": line.state,
                "text": line.text,
                "done_at": line.done_at.isoformat() if line.done_at else None,
            }
            for line in lines(receipt)
        ],
    }
