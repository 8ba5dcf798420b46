"""One round of matching: patients of a submission against the participants whom they can be."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa
from django.conf import settings

from commonweal.protocol.matching import Matching
from commonweal.r4 import patients
from commonweal.r4.patients import Name, PatientIdentity
from commonweal.vault.records import store
from commonweal.vault.records.matching import blocking, exact, features, scoring
from commonweal.vault.records.matching.crowds import Crowds
from commonweal.vault.records.matching.verdicts import NO_MATCH, Match, Scored, Verdict, judge

MEMORY = "400MB"  # beyond it DuckDB uses a folder of the vault


@contextmanager
def connected() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory for one round."""
    with store.spilling(settings.COMMONWEAL_HOME) as folder, duckdb.connect(config={"memory_limit": MEMORY}) as con:
        spill = str(folder).replace("'", "''")
        con.execute(
            f"SET enable_progress_bar = false; SET preserve_insertion_order = false; SET temp_directory = '{spill}'"
        )
        yield con


@dataclass
class Round:
    """`patients` by place, against the participants who lie ready in `con` (`people.read`, `blocking.index`).

    Decided by the staff: `same` and `apart` are pairs of a patient's place and a participant.
    """

    con: duckdb.DuckDBPyConnection
    patients: Sequence[PatientIdentity]
    matching: Matching
    one_in: float
    crowds: Crowds
    same: frozenset[tuple[int, int]] = frozenset()
    apart: frozenset[tuple[int, int]] = frozenset()
    participants: dict[int, PatientIdentity] = field(default_factory=dict)

    def verdicts(self) -> list[Verdict]:
        """The verdict on each patient. Nothing is written."""
        found = [Verdict(Match(None, NO_MATCH))] * len(self.patients)
        for _ in blocking.pairs(self.con, self.patients):
            self.participants.clear()  # an identity takes some kilobytes
            self.participants.update(_participants(self.con))
            for patient, verdict in self._decided():
                found[patient] = verdict
        return found

    def _decided(self) -> Iterator[tuple[int, Verdict]]:
        """The verdicts on the patients of the table `pairs`: by the exact rule, and by weight for who is left."""
        doubtful = []
        for patient, whom in self._whom().items():
            one, crowded = self.patients[patient], self.patients[patient].birth_date in self.crowds
            fitting = [who for who in whom if exact.fits(one, self.participants[who], crowded=crowded)]
            if len(fitting) == 1 and not any((patient, who) in self.same for who in whom):
                yield patient, Verdict(Match(fitting[0]))
            else:
                doubtful += [(patient, who) for who in whom]
        for patient, scored in self._scored(doubtful).items():
            said = {who for one, who in self.same if one == patient}
            crowded = self.patients[patient].birth_date in self.crowds
            yield patient, judge(scored, self.matching, said, crowded=crowded)

    def _whom(self) -> dict[int, list[int]]:
        """Patient -> participants to compare with, without those of whom the staff said that they are another person."""
        rows = self.con.execute("SELECT patient, participant FROM pairs ORDER BY ALL").fetchall()
        found: dict[int, list[int]] = defaultdict(list)
        for patient, who in rows:
            if (patient, who) not in self.apart:
                found[patient].append(who)
        return found

    def _scored(self, pairs: Sequence[tuple[int, int]]) -> dict[int, list[Scored]]:
        if not pairs:
            return {}
        table = scoring.score(
            self.con,
            self._rows({patient for patient, _ in pairs}, self.patients),
            self._rows({who for _, who in pairs}, self.participants),
            pa.table({"patient": [one for one, _ in pairs], "participant": [who for _, who in pairs]}),
            self.matching,
            self.one_in,
        )
        found: dict[int, list[Scored]] = defaultdict(list)
        for row in table.to_pylist():
            patient, who, weight = row.pop("patient"), row.pop("participant"), row.pop("weight")
            found[patient].append(Scored(who, weight, row))
        return found

    def _rows(self, numbers: Iterable[int], whose: Sequence[PatientIdentity] | dict[int, PatientIdentity]) -> pa.Table:
        return features.rows(((n, whose[n]) for n in sorted(numbers)), self.matching.nicknames)


def _participants(con: duckdb.DuckDBPyConnection) -> Iterable[tuple[int, PatientIdentity]]:
    """The identities of the participants in the table `pairs`, folded as those of patients are."""
    asked = con.execute("SELECT * FROM participants SEMI JOIN pairs USING (participant) ORDER BY participant")
    for row in asked.to_arrow_table().to_pylist():
        yield (
            row["participant"],
            patients.described(
                names=[
                    Name(row["family"], tuple(row["given"].split())),
                    *(Name(name, (), former=True) for name in row["former"]),
                ],
                birth_date=row["born"],
                sex=row["sex"],
                record_numbers=[patients.record_number(row["record_number"])],
                phones=[row["phone"]],
                emails=[row["email"]],
                lines=[row["line"]],
                cities=[row["city"]],
                zips=[row["zip"]],
            ),
        )
