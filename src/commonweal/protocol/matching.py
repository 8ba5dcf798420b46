"""matching.toml: when a patient of a site is taken for a participant, and when a person of the staff has to look.

Each detail that both sides tell is compared and comes out at one level (the same, a nickname, another one …). A level's
weight is log2(m / u): m, how often two records of one person stand there; u, how often those of two people do
(Fellegi and Sunter, 1969). The weights and the odds that a pair taken at random is one person give a probability.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from commonweal.protocol.base import DEFAULT, Model, Problem
from commonweal.protocol.reading import read_toml

NAME = "matching.toml"
Share = Annotated[float, Field(gt=0, lt=1)]
TOLERANCE = 0.01  # by how much the shares of a comparison may miss 1 together


class Level(Model):
    """How often the details of one person (m) and of two people (u) compare like this.

    `needs`: a pair at this level is a match only if one of these details is the same. `never`: it is at most a near miss.
    """

    m: Share
    u: Share
    needs: tuple[Literal["record_number", "email", "phone", "address"], ...] = ()
    never: bool = False


class Comparison(Model):
    """The levels of one detail, in the order in which they are tried; the last one is all that is left."""

    same: Level
    other: Level

    def levels(self) -> Iterator[tuple[str, Level]]:
        """Name and level, from the one that is tried first to the one that is left."""
        names = [name for name in type(self).model_fields if name not in ("same", "other")]
        yield from ((name, getattr(self, name)) for name in ("same", *names, "other"))

    @model_validator(mode="after")
    def _whole(self) -> "Comparison":
        for share in ("m", "u"):
            total = sum(getattr(level, share) for _, level in self.levels())
            if abs(total - 1) > TOLERANCE:
                raise ValueError(f"the shares '{share}' of all levels add up to {total:.4f}; they have to make 1")
        if self.same.m <= self.same.u or self.other.m >= self.other.u:
            raise ValueError("'same' has to speak for one person (m above u), and 'other' against it")
        return self


class Given(Comparison):
    """nickname: Bill, William. first: the first name is the same, the second another. middle: known by the second name.

    swapped: given and family name changed places. similar: a slip of the pen. initial: only a letter stands there.
    """

    nickname: Level
    first: Level
    middle: Level
    swapped: Level
    similar: Level
    initial: Level


class Family(Comparison):
    """part: one of two surnames. former: a name from before a marriage. swapped, similar: as with given names."""

    part: Level
    former: Level
    swapped: Level
    similar: Level


class Birth(Comparison):
    """swapped: day and month changed places. slip: one digit is another, or two neighbours changed places.

    year: the record only has the year, and says January 1.
    """

    swapped: Level
    slip: Level
    year: Level


class Slips(Comparison):
    """similar: one sign is another, too many or too few."""

    similar: Level


class Address(Comparison):
    """near: the same house number and ZIP code. zip, city: only that is the same."""

    near: Level
    zip: Level
    city: Level


class Matching(Model):
    """The whole of matching.toml. `match` and `near_miss` are probabilities.

    `one_in`: one of so many pairs taken at random is one person; `own_one_in`: the same where the participant fetched the
    record with an account of their own. `lead`: how far (bits) the best participant is ahead of the second one.
    `nicknames`: groups of given names that stand for one another, in plain letters.
    """

    match: Share
    near_miss: Share
    one_in: Annotated[float, Field(ge=2)]
    own_one_in: Annotated[float, Field(ge=1.01)]
    lead: Annotated[float, Field(ge=0)]
    keep_days: Annotated[int, Field(ge=1, le=90)]
    given: Given
    family: Family
    birth: Birth
    sex: Comparison
    phone: Slips
    email: Slips
    address: Address
    record_number: Comparison
    nicknames: tuple[Annotated[tuple[str, ...], Field(min_length=2)], ...] = ()

    @model_validator(mode="after")
    def _ordered(self) -> "Matching":
        if self.near_miss >= self.match:
            raise ValueError("'near_miss' has to be below 'match'")
        return self

    def comparisons(self) -> Iterator[tuple[str, Comparison]]:
        """Name of a detail and its comparison."""
        found = ((name, getattr(self, name)) for name in type(self).model_fields)
        yield from ((name, value) for name, value in found if isinstance(value, Comparison))


def read_matching(folder: Path, problems: list[Problem]) -> Matching | None:
    """matching.toml; the default program's where the program has none, None where it cannot be read."""
    return read_toml(folder if (folder / NAME).is_file() else DEFAULT, NAME, Matching, problems, ())
