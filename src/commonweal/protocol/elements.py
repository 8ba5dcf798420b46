"""mappings/NAME.toml: elements of records that only a program's own sites write, or types of resources beyond the mapping.

mappings/NAME.toml is for every site, mappings/SITE/NAME.toml for one; each has the form of `r4/mapping/types/*.toml`.
mappings/systems.toml is another file (see mappings.py).
"""

from collections.abc import Collection
from pathlib import Path

from commonweal.protocol.base import Problem
from commonweal.protocol.mappings import FOLDER, SYSTEMS
from commonweal.protocol.reading import read_words
from commonweal.r4.mapping.declared import Declared
from commonweal.r4.mapping.extending import EVERYWHERE, Extensions, read_extension
from commonweal.r4.mapping.fault import MappingFault


def read_elements(folder: Path, sites: Collection[str], problems: list[Problem]) -> Extensions:
    """The extensions of a protocol folder; problems: a folder that is no site, a file that cannot be meant."""
    found: dict[str, list[Declared]] = {}
    for path in sorted((folder / FOLDER).rglob("*.toml")):
        inside = path.relative_to(folder / FOLDER).parts
        name = "/".join((FOLDER, *inside))
        scope = inside[0] if len(inside) > 1 else EVERYWHERE
        if name == SYSTEMS or path.name.startswith("."):
            continue
        if scope != EVERYWHERE and scope not in sites:
            problems.append(Problem(name, 0, f"there is no site '{scope}' in partners.toml: name the folder as a site"))
        elif one := _read(folder, name, problems):
            found.setdefault(scope, []).append(one)
    return Extensions({scope: tuple(some) for scope, some in found.items()})


def _read(folder: Path, name: str, problems: list[Problem]) -> Declared | None:
    text = read_words(folder, name, problems)
    try:
        return read_extension(text, name) if text is not None else None
    except MappingFault as error:
        problems.append(Problem(name, 0, str(error).removeprefix(f"{name}: ")))
        return None
