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
    names = sorted(facts.key("help", survey.code, one.rule)[:20] for one in found)  # no word of it in the session
    seen = request.session.get(SEEN, [])
    new = [name for name in names if name not in seen]
    if new and page:
        request.session[SEEN] = [*seen, *new][-50:]
    return {"help_now": safety.help_for(found), "help_closed": not new and not opened}
