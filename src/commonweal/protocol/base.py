"""What all parts of a protocol share: strict models, text in several languages, problems with file and line."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict

DEFAULT = Path(__file__).parent / "default"


class Problem(NamedTuple):
    """One thing wrong in a protocol folder: `file` within it, `line` from 1 (0: the file as a whole)."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


class Model(BaseModel):
    """Unknown keys are errors, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


def _words(value: dict[str, str]) -> dict[str, str]:
    if not value:
        raise ValueError('text is needed, one line for each language, such as en = "…"')
    for language, words in value.items():
        if len(language) != 2 or not language.islower():
            raise ValueError(f"'{language}' is no language code of two letters")
        if not words.strip():
            raise ValueError(f"the text in '{language}' is empty")
    return value


LOCALISED = "localised"
Text = Annotated[dict[str, str], AfterValidator(_words), LOCALISED]


def text(mapping: Mapping[str, str], language: str) -> str:
    """The text in `language`, else in English, else in any language; empty for an empty mapping."""
    return mapping.get(language) or mapping.get("en") or next(iter(mapping.values()), "")
