"""results.toml: which results are returned to participants, under which scope, after which confirmation."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from commonweal.protocol.base import Model, Text
from commonweal.protocol.scopes import is_scope


def _scope(name: str) -> str:
    if not is_scope(name):
        raise ValueError(f"unknown scope '{name}'")
    return name


class Result(Model):
    """One kind of result. `confirmation`: none, or a clinical laboratory repeats it on a second sample."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Text
    summary: Text
    scope: Annotated[str, AfterValidator(_scope)]
    confirmation: Literal["none", "clinical_laboratory"]
    counsellor: Literal["offered", "required"]


class Results(Model):
    results: tuple[Result, ...] = ()
