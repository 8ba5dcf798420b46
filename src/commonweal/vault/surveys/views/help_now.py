"""Help on the pages of a survey, as soon as an answer signals danger and as long as it stands."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

from commonweal.vault.people import facts
from commonweal.vault.surveys import safety

if TYPE_CHECKING:
    from commonweal.protocol import Survey

SEEN = "help_seen"


def help_context(
    request: HttpRequest, survey: "Survey", answers: safety.Answers, *, opened: bool = False, page: bool = True
) -> dict[str, Any]:
    """`help_now` and `help_closed` for surveys/help_now.html: open for what is new and where `opened` (review, thanks).

    `page`: a whole page is shown; what a script puts into a page that one may be leaving is not taken for seen.
    On the pages after, the same help stands closed at the top: one press away, and not in the way.
    """
    found = safety.signals(survey, answers)
    if not found:
        return {"help_now": [], "help_closed": False}
    seen = request.session.get(SEEN, [])
    new = sorted(names[0] for names in (_names(survey, one) for one in found) if not set(names) & set(seen))
    if new and page:
        request.session[SEEN] = [*seen, *new][-50:]
    return {"help_now": safety.help_for(found), "help_closed": not new and not opened}


def _names(survey: "Survey", signal: safety.Signal) -> list[str]:
    """Of a signal and of what would be worse: opaque, so that no word of it stands in the session."""
    return [facts.key("help", survey.code, signal.rule, *filter(None, [mark]))[:20] for mark in signal.marks]
