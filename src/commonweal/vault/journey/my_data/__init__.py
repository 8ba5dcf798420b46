"""Everything that the program holds about one participant, for that participant alone: on pages and as files.

`overview` tells what kinds of things there are; each kind has a module of its own that reads it and one page that shows
it; `taking` makes the files to take away; `wrong` records what the person says is wrong; `others` holds how all
participants answered, as far as that may be shown.
"""

from commonweal.vault.journey.held_records import records
from commonweal.vault.journey.my_data.document import document
from commonweal.vault.journey.my_data.said import consents

__all__ = ["consents", "document", "records"]
