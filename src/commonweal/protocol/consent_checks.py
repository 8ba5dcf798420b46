"""What must hold within one consent module's folder beyond the form of its files, told by file and line."""

from collections.abc import Iterator
from pathlib import Path

from commonweal.protocol.base import Problem
from commonweal.protocol.consent_files import ModuleFile, VersionEntry
from commonweal.protocol.places import line_of, lines

Found = Iterator[tuple[tuple[str | int, ...], str]]


def module_problems(folder: Path, module_id: str, file: ModuleFile, languages: tuple[str, ...]) -> list[Problem]:
    """All that is wrong, with the line of module.toml that says it."""
    name = f"consents/{module_id}/module.toml"
    places = lines((folder / name).read_text(encoding="utf-8-sig"))
    here = folder / "consents" / module_id
    found = [*_versions(here, file, languages), *_videos(here, file)]
    return [Problem(name, line_of(places, place), message) for place, message in found]


def _versions(here: Path, file: ModuleFile, languages: tuple[str, ...]) -> Found:
    names = [entry.version for entry in file.versions]
    for index, entry in enumerate(file.versions):
        place = ("versions", index)
        if entry.version in names[:index]:
            yield (*place, "version"), f"there are two versions '{entry.version}'"
        if entry.reconsent and index == 0:
            yield (*place, "reconsent"), "the first version cannot ask people again: nobody has answered before it"
        elif entry.reconsent and entry.why is None:
            yield (*place, "reconsent"), "people who are asked again are told why: add `why` in each language"
        yield from _words(here, f"v{entry.version}", f"version {entry.version}", languages, place)
        yield from _forms(here, entry, place, languages)


def _forms(here: Path, entry: VersionEntry, place: tuple[str | int, ...], languages: tuple[str, ...]) -> Found:
    ids, states = set[str](), dict[str, str]()
    for index, form in enumerate(entry.forms):
        at = (*place, "forms", index)
        if form.id in ids:
            yield (*at, "id"), f"version {entry.version} has two forms '{form.id}'"
        for state in form.states:
            if state in states:
                yield (
                    (*at, "states"),
                    f"{state} stands in the form '{states[state]}' already: which one would be shown?",
                )
            states.setdefault(state, form.id)
        ids.add(form.id)
        yield from _words(here, f"v{entry.version}.{form.id}", f"the form '{form.id}'", languages, at)


def _words(here: Path, stem: str, what: str, languages: tuple[str, ...], place: tuple[str | int, ...]) -> Found:
    for language in languages:
        name = f"{stem}.{language}.md"
        if not (here / name).is_file():
            message = f"{what} has no words in '{language}': there is no file consents/{here.name}/{name}"
            yield place, message


def _videos(here: Path, file: ModuleFile) -> Found:
    for language, name in (file.video or {}).items():
        place = ("video", language)
        if Path(name).name != name or not name.endswith((".mp4", ".webm")):
            yield place, f"'{name}' is no file name that ends with .mp4 or .webm, within the module's folder"
        elif not (here / name).is_file():
            yield place, f"there is no file consents/{here.name}/{name}"
        elif not captions(here / name).is_file():
            yield place, f"its captions are missing: there is no file consents/{here.name}/{captions(here / name).name}"


def captions(video: Path) -> Path:
    """The captions (WebVTT) of a video stand beside it under its name."""
    return video.with_suffix(".vtt")
