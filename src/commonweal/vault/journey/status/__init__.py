"""Enrolment status: how far somebody has come (three versions of the field's ladder), and what is missing next."""

from commonweal.vault.journey.status.one import of
from commonweal.vault.journey.status.rules import Standing, Status, Step, climb, next_missing

__all__ = ["Standing", "Status", "Step", "climb", "next_missing", "of"]
