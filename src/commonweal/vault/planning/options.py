"""What can be done, within what, and what for: plain values that the plan file is read into."""

from dataclasses import dataclass, field, replace

EVENT_APPROACHES = frozenset({"event"})
APPROACHES = ("clinic", "event", "mail", "digital", "partner", "phone")


@dataclass(frozen=True)
class Site:
    """`hours`: staff hours a month that are there for recruitment; `speaks`: those of them by staff who speak a language."""

    id: str
    state: str
    hours: float
    speaks: dict[str, float]


@dataclass(frozen=True)
class Area:
    """A travel area: state:IL, county:17031 or zip3:606. `population`: adults, by group where it is known.

    `travel`: site -> hours there and back; a site that is not named does not reach it.
    """

    id: str
    state: str
    population: float
    groups: dict[str, float]
    travel: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Option:
    """One way to reach people: `most` units a month, each of `contacts` people, for `cost` and `travel_cost`, in `hours`.

    A unit is an event (whole numbers) or one contact. `focus`: which part of those reached are of the audience by
    choice; the others are as they come. `start_cost` is paid once. `invitations`: what this option was called before.
    """

    id: str
    site: str
    area: str
    approach: str
    language: str
    most: float
    cost: float
    contacts: float = 1.0
    event: bool = False
    travel_cost: float = 0.0
    start_cost: float = 0.0
    hours: float = 0.0
    audience: tuple[str, ...] = ()
    focus: float = 0.5
    invitations: tuple[int, ...] = ()

    @property
    def unit_cost(self) -> float:
        return self.cost + self.travel_cost


@dataclass(frozen=True)
class Goal:
    """`kind`: people (so many in all), share (of all people counted) or count (so many of `of`)."""

    kind: str
    of: str
    target: float


@dataclass(frozen=True)
class Assumptions:
    """What data do not tell. Weights are numbers of people: past people count as much once there are as many of them.

    `caution`: the plan must reach its goals on average over this share of the drawn worlds, the worst; 1: over all.
    """

    caution: float = 0.3
    area_weight: float = 50.0
    site_weight: float = 50.0
    organic: bool = True
    draws: int = 60
    seed: int = 1


@dataclass(frozen=True)
class Case:
    """A question: from `start` (year, month), within these months, money and means. `budget`: one number a month.

    `total`: in all, start costs too. `counted`: consented | complete.
    """

    start: tuple[int, int]
    budget: tuple[float, ...]
    total: float
    sites: dict[str, Site]
    areas: dict[str, Area]
    options: tuple[Option, ...]
    goals: tuple[Goal, ...]
    counted: str = "complete"
    assumptions: Assumptions = Assumptions()

    @property
    def months(self) -> int:
        return len(self.budget)

    def hours(self, option: Option) -> float:
        """Staff hours of one unit, the way there and back included where it is an event."""
        travel = self.areas[option.area].travel.get(option.site, 0.0)
        return option.hours + (travel if option.event else 0.0)

    def longer(self, months: int) -> "Case":
        """The same with more months, each with the money of the last, and as much more in all."""
        more = (self.budget[-1],) * max(months - self.months, 0)
        return replace(self, budget=self.budget + more, total=self.total + sum(more))


def month_name(start: tuple[int, int], after: int) -> str:
    """The month that lies `after` months after `start`, as 2027-01."""
    months = start[0] * 12 + start[1] - 1 + after
    return f"{months // 12:04d}-{months % 12 + 1:02d}"
