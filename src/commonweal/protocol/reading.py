"""Read the TOML files of a protocol into their models, with file and line for everything that is wrong."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from commonweal.protocol.base import LOCALISED, Problem
from commonweal.protocol.places import line_of, lines

M = TypeVar("M", bound=BaseModel)
_AT_LINE = re.compile(r"^(.*) \(at line (\d+), column \d+\)$")


def read_words(folder: Path, name: str, problems: list[Problem]) -> str | None:
    """The text of a file that is there, line ends made the same; None, and a problem at its line, where it is not in UTF-8."""
    data = (folder / name).read_bytes()
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.append(Problem(name, line, "this file is not in UTF-8: save it in that encoding"))
        return None


def problem_at(folder: Path, name: str, place: tuple[str | int, ...], message: str) -> Problem:
    """A problem at the line of a key in a TOML file that could be read."""
    source = (folder / name).read_text(encoding="utf-8-sig")
    return Problem(name, line_of(lines(source), place), message)


def read_toml(folder: Path, name: str, model: type[M], problems: list[Problem], languages: tuple[str, ...]) -> M | None:
    """The file `name` as `model`, or None. With `languages`, every localised text must be there in each of them."""
    if not (folder / name).is_file():
        problems.append(Problem(name, 0, "this file is missing"))
        return None
    if (source := read_words(folder, name, problems)) is None:
        return None
    try:
        data = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        problems.append(_syntax(name, str(error), source))
        return None
    try:
        value = model.model_validate(data)
    except ValidationError as error:
        places = lines(source)
        problems += [_invalid(name, places, detail) for detail in error.errors()]
        return None
    if lacking := list(untranslated(value, languages)):
        places = lines(source)
        for place, missing in lacking:
            problems.append(Problem(name, line_of(places, place), f"{dotted(place)}: no text in '{missing}'"))
    return value


def untranslated(value: BaseModel, languages: tuple[str, ...], at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, str]]:
    """(place, language) of each localised text of a model that lacks a language."""
    for name, localised in _fields(type(value)):
        yield from _lacking(getattr(value, name), languages, (*at, name), localised)


@cache
def _fields(model: type[BaseModel]) -> tuple[tuple[str, bool], ...]:
    """The fields of a model, and whether each is a text by language."""
    told = model.model_fields.items()
    return tuple((name, LOCALISED in field.metadata or LOCALISED in repr(field.annotation)) for name, field in told)


def _lacking(value: Any, languages: tuple[str, ...], at: tuple[Any, ...], localised: bool) -> Iterator[tuple[Any, str]]:
    if isinstance(value, BaseModel):
        yield from untranslated(value, languages, at)
    elif isinstance(value, tuple):
        for index, element in enumerate(value):
            yield from _lacking(element, languages, (*at, index), localised)
    elif localised and isinstance(value, dict):
        if value and all(isinstance(words, str) for words in value.values()):
            yield from ((at, language) for language in languages if language not in value)
        else:
            for key, element in value.items():
                yield from _lacking(element, languages, (*at, key), localised)
    elif isinstance(value, dict):  # tables by name, such as plans
        for key, element in value.items():
            yield from _lacking(element, languages, (*at, key), False)


def _syntax(name: str, message: str, source: str) -> Problem:
    match = _AT_LINE.match(message)
    line = int(match[2]) if match else source.count("\n") + 1
    return Problem(name, line, f"no TOML: {match[1] if match else message}")


def _invalid(name: str, places: dict[tuple[str | int, ...], int], detail: Any) -> Problem:
    place = tuple(part for part in detail["loc"])
    line = line_of(places, place)
    kind, key = detail["type"], place[-1] if place else ""
    if kind == "extra_forbidden":
        message = f"unknown key '{key}'{_inside(place)}"
    elif kind == "missing":
        message = f"the key '{key}' is missing{_inside(place)}"
    else:
        message = f"{dotted(place)}: {detail['msg'].removeprefix('Value error, ')}"
    return Problem(name, line, message)


def _inside(place: tuple[Any, ...]) -> str:
    return f" in {dotted(place[:-1])}" if len(place) > 1 else ""


def dotted(place: tuple[Any, ...]) -> str:
    """`sites[2].state`, counting from 1 as people do."""
    text = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.lstrip(".")
