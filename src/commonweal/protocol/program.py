"""program.toml: what the program is called, whom it welcomes, and what it strives for."""

from typing import Annotated, Literal

from pydantic import Field

from commonweal.protocol.base import Model, Text

Share = Annotated[float, Field(ge=0, le=1)]


ModuleId = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=40)
]  # a folder's name, and part of an address
SurveyCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=80)]  # likewise, of a file


class EligibilityQuestion(Model):
    """A yes-or-no question; `eligible_when` is the answer that lets a person go on, `reason` kind words for the other.

    `unsure`: whether one may say "I am not sure"; then a person of the program looks at it.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    type: Literal["boolean"] = "boolean"
    text: Text
    help: Text | None = None
    eligible_when: bool
    unsure: bool = False
    reason: Text


class Goals(Model):
    """How many people, and which shares of them."""

    people: Annotated[int, Field(gt=0)]
    racial_ethnic_minority_share: Share
    underrepresented_share: Share


class Contacts(Model):
    """How participants and researchers reach the program."""

    email: str
    phone: str
    hours: Text
    researchers_email: str


class Identifiers(Model):
    """The letter before the nine digits of a participant's and a biobank's number."""

    participant_prefix: Annotated[str, Field(pattern=r"^[A-Z]$")] = "P"
    biobank_prefix: Annotated[str, Field(pattern=r"^[A-Z]$")] = "A"


class Accounts(Model):
    """Who besides the participant may use an account for them: helpers fill pages, guardians also sign."""

    helpers: bool = False
    guardians: bool = False


class Program(Model):
    """The whole of program.toml. `consents`, `surveys` and `pages` give the order in which people meet them.

    `minimum_age`: completed years at the time of consent; the law's floor of 18 holds below it.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    version: str
    languages: Annotated[tuple[Annotated[str, Field(pattern=r"^[a-z]{2}$")], ...], Field(min_length=1)]
    consents: Annotated[tuple[ModuleId, ...], Field(min_length=1)]
    surveys: tuple[SurveyCode, ...]
    pages: tuple[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")], ...] = ()
    name: Text
    tagline: Text
    about: Text
    contacts: Contacts
    identifiers: Identifiers = Identifiers()
    accounts: Accounts = Accounts()
    minimum_age: Annotated[int, Field(ge=18, le=120)] = 18
    goals: Goals
    eligibility: Annotated[tuple[EligibilityQuestion, ...], Field(min_length=1)]
