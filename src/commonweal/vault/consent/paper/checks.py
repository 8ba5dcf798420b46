"""What must be right on a scanned paper consent before its yes counts: pure rules over plain values.

Source: consent PDF validation of the All of Us raw data repository. There a program runs several portals, and the rule of
the printed name holds for one of them; here it holds for every paper. A paper that says no, or not sure, only needs its
file: nobody has to sign properly to be left alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from commonweal.vault.consent.statuses import YES

DAYS_APART = 10  # the signing date lies fewer days than this before or after the day of the answer
CENTRAL = ZoneInfo("US/Central")
NO_NAMES = frozenset({"", "null", "null null"})
NOT_READ = "not_read"  # no rule: somebody still has to write down what stands on the paper


@dataclass(frozen=True)
class Written:
    """What stands on the paper. `form`: the protocol's id of the form that was printed, empty for the usual one."""

    answer: str = YES
    file_exists: bool = True
    signature_text: str = ""
    signature_is_image: bool = False
    signed_on: date | None = None
    printed_name: str = ""
    form: str = ""
    check_mark: bool | None = None
    initials: str = ""
    guardian_name: str = ""


@dataclass(frozen=True)
class Expected:
    """What this person's paper must show. `authored_on`: the day of the answer, in US/Central."""

    authored_on: date
    form: str = ""
    initials: bool = False
    check_mark: bool = False
    guardian: bool = False
    guardian_linked: bool = False


Rule = Callable[[Written, Expected], bool]


def _far(paper: Written, expected: Expected) -> bool:
    return paper.signed_on is not None and abs((paper.signed_on - expected.authored_on).days) >= DAYS_APART


RULES: dict[str, Rule] = {  # code -> whether this is wrong
    "file_missing": lambda paper, _: not paper.file_exists,
    "signature_missing": lambda paper, _: not (paper.signature_text.strip() or paper.signature_is_image),
    "signing_date_missing": lambda paper, _: paper.signed_on is None,
    "signing_date_far": _far,
    "printed_name_missing": lambda paper, _: " ".join(paper.printed_name.split()).casefold() in NO_NAMES,
    "wrong_form": lambda paper, expected: paper.form != expected.form,
    "check_mark_missing": lambda paper, expected: expected.check_mark and not paper.check_mark,
    "initials_missing": lambda paper, expected: expected.initials and not paper.initials.strip(),
    "guardian_name_missing": lambda paper, expected: expected.guardian and not paper.guardian_name.strip(),
    "guardian_not_linked": lambda _, expected: expected.guardian and not expected.guardian_linked,
}


def problems(paper: Written, expected: Expected) -> list[str]:
    """Codes of the rules that the paper breaks, in the order of `RULES`; none where it is right."""
    asked = RULES if paper.answer == YES else {"file_missing": RULES["file_missing"]}
    return [code for code, wrong in asked.items() if wrong(paper, expected)]


def authored_day(authored: datetime) -> date:
    """The day on which an answer was authored, as the rule of the signing date counts it: in US/Central."""
    return authored.astimezone(CENTRAL).date()
