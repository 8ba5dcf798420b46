"""How a request for help moves: a state machine as data. `MOVES[move] = (states it may start from, state it ends in)`."""

from commonweal.errors import Refused
from commonweal.vault.support.models import HelpRequest

OPEN, ASSIGNED, WAITING, CLOSED = HelpRequest.OPEN, HelpRequest.ASSIGNED, HelpRequest.WAITING, HelpRequest.CLOSED
STATES = (OPEN, ASSIGNED, WAITING, CLOSED)
MOVES: dict[str, tuple[tuple[str, ...], str]] = {
    "assign": ((OPEN, ASSIGNED, WAITING), ASSIGNED),
    "answer": ((OPEN, ASSIGNED, WAITING), WAITING),  # the staff wrote; now it waits for the person
    "write": ((OPEN, ASSIGNED, WAITING, CLOSED), OPEN),  # the person wrote again; assigned as before where it was
    "close": ((OPEN, ASSIGNED, WAITING), CLOSED),
    "reopen": ((CLOSED,), OPEN),
}


def after(state: str, move: str, *, assigned: bool) -> str:
    """The state after a move. Raises Refused where it cannot start from `state`; KeyError for no such move."""
    starts, end = MOVES[move]
    if state not in starts:
        raise Refused(f"help request: it is {state}, from where it cannot be moved so")
    return ASSIGNED if end == OPEN and assigned else end


def moves_from(state: str) -> set[str]:
    return {move for move, (starts, _) in MOVES.items() if state in starts}
