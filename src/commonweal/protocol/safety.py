"""safety.toml: what the program does when an answer signals danger. A plan belongs to a survey by its `response_plan`.

The numbers of the lines are public facts; whether and how soon a person of the staff calls is for the program and its
ethics board to decide. A plan that nobody approved is no plan: a survey with dangerous items stays closed without it.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from commonweal.protocol.base import Model, Problem, Text
from commonweal.protocol.reading import read_toml
from commonweal.protocol.survey_settings import Id, ItemCode
from commonweal.r4 import scoring
from commonweal.r4.questionnaire import Questionnaire

NAME = "safety.toml"
SELF_HARM, ABUSE = "self-harm", "abuse"
KINDS = (SELF_HARM, ABUSE)
Kind = Literal["self-harm", "abuse"]
DANGER = "http://commonweal.example/StructureDefinition/danger"  # on an item or an option: valueCode, one of KINDS

# Items of published instruments that ask about danger, by the field's codes (All of Us, Emotional Health History and
# Well-Being): thoughts of death and of hurting oneself; violence by partners; violence and abuse in childhood.
KNOWN: dict[str, str] = {
    "phq9_9": SELF_HARM,
    **dict.fromkeys(("ss_1", "ss_2", "ss_3"), SELF_HARM),
    **dict.fromkeys(("mhqukb_34", "mhqukb_35", "mhqukb_36", "mhqukb_37"), ABUSE),
    **dict.fromkeys(("ace_6", "ace_7", "ace_8", "ace_9", "ace_10", "ace_11"), ABUSE),
    "44260-8": SELF_HARM,  # LOINC: thoughts of being better off dead or hurting oneself, in the last two weeks (PHQ-9)
}
_ORDERED = {"=": lambda a, b: a == b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b, "<": lambda a, b: a < b}


class Contact(Model):
    """Somebody to turn to. `call` and `text_to` are digits as they are dialled; `chat` an address."""

    id: Id
    name: Text
    what: Text
    call: Annotated[str, Field(pattern=r"^\+?[0-9-]{3,20}$")] | None = None
    text_to: Annotated[str, Field(pattern=r"^[0-9]{3,12}$")] | None = None
    text_word: Annotated[str, Field(pattern=r"^[A-Za-zÁÉÍÓÚÑáéíóúñ]{2,20}$")] | dict[str, str] | None = None
    chat: dict[str, str] | None = None
    emergency: bool = False

    @model_validator(mode="after")
    def _reached(self) -> "Contact":
        if not (self.call or self.text_to or self.chat):
            raise ValueError(f"'{self.id}' can neither be called, nor written to")
        for address in (self.chat or {}).values():
            if not address.startswith("https://"):
                raise ValueError(f"'{self.id}': an address begins with https://")
        return self

    def word(self, language: str) -> str:
        """What a person writes in a text, such as HELLO."""
        said = self.text_word
        return said.get(language, next(iter(said.values()), "")) if isinstance(said, dict) else said or ""

    def page(self, language: str) -> str:
        """Where one can write, in this language if there is such a page."""
        return (self.chat or {}).get(language) or next(iter((self.chat or {}).values()), "")


class Rule(Model):
    """What signals danger: an answer to an item (`code`), or a score in a band (`score` of an instrument's scale).

    `value` is compared with the option's ordinal number, with a code where it is text, or with yes and no.
    """

    code: ItemCode | None = None
    operator: Literal["=", ">", ">=", "<"] = "="
    value: bool | int | float | str | None = None
    score: Id | None = None
    band: Id | None = None

    @model_validator(mode="after")
    def _one(self) -> "Rule":
        if (self.code is None) == (self.score is None):
            raise ValueError("a signal is an answer (code, operator, value) or a score (score, band)")
        if self.code is not None and self.value is None:
            raise ValueError(f"the signal of '{self.code}' has no value")
        if self.score is not None and self.band is None:
            raise ValueError(f"the signal of the score '{self.score}' has no band")
        return self

    @property
    def name(self) -> str:
        """What it is called in the record: never what was answered."""
        return (self.code or f"{self.score}:{self.band}").lower()

    def holds(self, answer: Any, ordinal: Decimal | None) -> bool:
        """Whether an answer's bare value (code, number, yes or no), or its ordinal number, is the signal."""
        if isinstance(self.value, bool) or isinstance(answer, bool):
            return self.operator == "=" and answer is self.value
        if isinstance(self.value, str):
            return self.operator == "=" and str(answer).lower() == self.value.lower()
        number = ordinal if ordinal is not None else _number(answer)
        return number is not None and bool(_ORDERED[self.operator](number, Decimal(str(self.value))))


class Response(Model):
    """What is done about one kind of danger.

    `notify`: none, queue (it waits for the staff), urgent (it goes before everything else and the staff on duty are told
    at once). `within_hours`: until somebody has called. `who`: the roles that see it. `tell`: what the person reads about
    it. `script`: what the staff do and say.
    """

    kind: Kind
    signals: Annotated[tuple[Rule, ...], Field(min_length=1)]
    title: Text
    help: Text
    contacts: Annotated[tuple[Id, ...], Field(min_length=1)]
    notify: Literal["none", "queue", "urgent"]
    within_hours: Annotated[int, Field(ge=1, le=720)] | None = None
    who: tuple[Literal["site_staff", "org_manager", "awardee_manager", "operator"], ...] = ()
    tell: Text | None = None
    script: Text | None = None

    @model_validator(mode="after")
    def _reaches_somebody(self) -> "Response":
        if self.notify == "none":
            return self
        for name in ("within_hours", "who", "tell", "script"):
            if not getattr(self, name):
                raise ValueError(f"staff are told of it (notify), so '{name}' is needed")
        return self


class Plan(Model):
    """A response plan. `approved_by` and `approved_on`: which board said yes to it, and when; empty: nobody yet."""

    approved_by: str = ""
    approved_on: date | None = None
    show_scores: tuple[Id, ...] = ()  # scales whose scores the staff see with a signal
    responses: Annotated[tuple[Response, ...], Field(min_length=1)]

    @property
    def approved(self) -> bool:
        return bool(self.approved_by.strip()) and self.approved_on is not None

    @property
    def watched(self) -> frozenset[str]:
        """The item codes that it answers to, in lower case."""
        return frozenset(rule.code.lower() for one in self.responses for rule in one.signals if rule.code)


class Safety(Model):
    """The whole of safety.toml."""

    contacts: dict[Id, Contact] = {}
    plans: dict[Id, Plan] = {}

    @model_validator(mode="before")
    @classmethod
    def _named(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("contacts"), dict):
            named = {key: {"id": key, **part} for key, part in data["contacts"].items() if isinstance(part, dict)}
            return {**data, "contacts": data["contacts"] | named}
        return data


def read_safety(folder: Path, languages: tuple[str, ...], problems: list[Problem]) -> Safety | None:
    """safety.toml; an empty one where the program has none, None where it cannot be read."""
    if not (folder / NAME).is_file():
        return Safety()
    return read_toml(folder, NAME, Safety, problems, languages)


def danger_items(form: Questionnaire) -> dict[str, str]:
    """Item code (lower case) -> kind of danger, of the items that ask about it: known ones, and those that are marked."""
    found: dict[str, str] = {}
    for item in scoring.items_of(form.document):
        code = scoring.code_of(item)
        marked = danger_mark(item) or next(filter(None, (danger_mark(o) for o in _options(form, item))), "")
        kind = marked or KNOWN.get(code) or KNOWN.get(str(item.get("linkId", "")).lower())
        if kind and item.get("type") not in ("group", "display"):
            found.setdefault(code, kind)
    return found


def danger_options(form: Questionnaire) -> Iterator[tuple[str, str, str, str]]:
    """(linkId, item code, option code, kind) of each option that is marked as dangerous when chosen."""
    for item in scoring.items_of(form.document):
        for option in _options(form, item):
            kind = danger_mark(option)
            coding = option.get("valueCoding")
            if kind and isinstance(coding, dict):
                yield str(item.get("linkId", "")), scoring.code_of(item), str(coding.get("code", "")), kind


def danger_mark(element: dict[str, Any]) -> str:
    """The kind of danger that an item or option is marked with; empty where it is not."""
    parts = [element, element.get("valueCoding")]
    for part in (part for part in parts if isinstance(part, dict)):
        for extension in part.get("extension") or []:
            if isinstance(extension, dict) and extension.get("url") == DANGER and extension.get("valueCode") in KINDS:
                return str(extension["valueCode"])
    return ""


def _options(form: Questionnaire, item: dict[str, Any]) -> list[dict[str, Any]]:
    contained = form.document.get("contained")
    parts = contained if isinstance(contained, list) else []
    return scoring.options_of(item, {str(part.get("id")): part for part in parts if isinstance(part, dict)})


def _number(value: Any) -> Decimal | None:
    return Decimal(str(value)) if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) else None
