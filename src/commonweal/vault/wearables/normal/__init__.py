"""From what a provider hands out to the tables of `wearables.tables`: pure functions, no database and no files.

A reader of each format (`fitbit_api`, `fitabase`, `takeout`, `apple`) adds raw rows to `Parts`; `finish` checks them,
settles what is there twice, and says on which days the device was worn. What cannot be used is counted by its code.
"""

from commonweal.vault.wearables.normal.finishing import Normal, finish
from commonweal.vault.wearables.normal.parts import Parts

__all__ = ["Normal", "Parts", "finish"]
