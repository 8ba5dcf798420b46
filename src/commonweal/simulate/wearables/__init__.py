"""What simulated people's devices tell: days with the rhythm of a week, nights, hearts, and all that goes missing.

Columns are those of `vault.wearables.tables`; everything is drawn by person and day, so that a day is the same whoever
asks for it, in whatever chunk.
"""

from commonweal.simulate.wearables.made import wearables

__all__ = ["wearables"]
