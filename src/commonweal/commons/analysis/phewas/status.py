"""Who is a case, a control, or neither, of each phecode."""

from collections.abc import Iterator

import numpy as np

from commonweal.commons.analysis.phewas.events import Dates
from commonweal.omop.phecodes import PhecodeMap


class Status:
    """Cases have a phecode on `min_dates` days or more. Neither case nor control is who has it on fewer days, and, in
    1.2, who has a phecode of its exclusion range on any day. Everybody else is a control; those of the other sex are
    taken out with the rows of a design.
    """

    def __init__(self, dates: Dates, phecodes: PhecodeMap, min_dates: int, people: int) -> None:
        self.dates, self.min_dates, self.people = dates, min_dates, people
        self.names: list[str] = phecodes.labels["phecode"].to_pylist()
        number = {name: place for place, name in enumerate(self.names)}
        self.excluding: dict[int, list[int]] = {}
        pairs = zip(
            phecodes.exclusions["phecode"].to_pylist(), phecodes.exclusions["excluded_from"].to_pylist(), strict=True
        )
        for having, out in pairs:
            if having in number and out in number:
                self.excluding.setdefault(number[out], []).append(number[having])

    def cases(self, phecode: int) -> np.ndarray:
        """Places of the people, ascending."""
        part = self.dates.of(phecode)
        return self.dates.person[part][self.dates.count[part] >= self.min_dates]

    def neither(self, phecode: int) -> np.ndarray:
        """Places of the people, ascending."""
        mark = np.zeros(self.people, bool)
        for one in (phecode, *self.excluding.get(phecode, ())):
            mark[self.dates.person[self.dates.of(one)]] = True
        mark[self.cases(phecode)] = False
        return np.flatnonzero(mark)

    def frequent(self, least: int) -> Iterator[int]:
        """Phecodes with so many cases or more, of either sex."""
        enough = np.concatenate([[0], np.cumsum(self.dates.count >= self.min_dates)])
        totals = enough[self.dates.edges[1:]] - enough[self.dates.edges[:-1]]
        yield from np.flatnonzero(totals >= max(1, least)).tolist()
