"""What is made of a reference table is made once in a process, whatever object holds the table."""

from commonweal.protocol.reference import ReferenceTable


class Keyed:
    """A reference table as a key of a cache: by its digest."""

    def __init__(self, table: ReferenceTable) -> None:
        self.table = table

    def __hash__(self) -> int:
        return hash(self.table.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Keyed) and other.table.digest == self.table.digest
