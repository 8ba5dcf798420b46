"""What the worker does about paper consents: those that are right and wait for an earlier step are tried again."""

from commonweal.ui.context import current_protocol
from commonweal.vault.consent.paper import actions


def tick() -> int:
    """How many answers could be taken now."""
    return actions.check_waiting(current_protocol())
