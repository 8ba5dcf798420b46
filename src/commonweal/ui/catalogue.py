"""The strings that pages say, found in templates and Python, and what the Spanish catalogue lacks.

python -m commonweal.ui.catalogue          adds what is new to the .po, marks nothing, removes what no page says
"""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import polib
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).resolve().parent.parent
PO = PACKAGE / "ui" / "locale" / "es" / "LC_MESSAGES" / "django.po"
ROOMS = ("ui", "vault", "workbench", "atlas", "curation")
RULE = "Rule"  # of curation: what it does, its fourth argument, and its reason are shown on pages of both sites
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
_LITERAL = r"u?(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
_IN_TEMPLATE = re.compile(rf"(?:\b_|\bgettext|\bngettext)\(\s*{_LITERAL}(?:\s*,\s*{_LITERAL})?")


class Said(NamedTuple):
    """A string that a page says: msgid, its plural (or ""), and where: path within the package and line."""

    msgid: str
    plural: str
    path: str
    line: int


def files(rooms: Iterable[str] = ROOMS) -> Iterator[Path]:
    """Templates and Python files of the rooms that speak to people."""
    for room in rooms:
        for pattern in ("**/templates/**/*.html", "**/templates/**/*.txt", "**/*.py"):
            yield from sorted((PACKAGE / room).glob(pattern))


def strings(path: Path) -> list[Said]:
    """All translatable strings of one file, in order."""
    text, name = path.read_text(encoding="utf-8"), str(path.relative_to(PACKAGE))
    found = _of_template(text) if path.suffix != ".py" else _of_rules(text) if "curation/" in name else _of_python(text)
    return [Said(msgid, plural, name, line) for msgid, plural, line in found if msgid]


def _of_template(text: str) -> Iterator[tuple[str, str, int]]:
    code = templatize(text)
    for match in _IN_TEMPLATE.finditer(code):
        plural = ast.literal_eval(match[2]) if match[2] else ""
        yield ast.literal_eval(match[1]), plural, code.count("\n", 0, match.start()) + 1


def _of_python(text: str) -> Iterator[tuple[str, str, int]]:
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in CALLS:
            continue
        words = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if words:
            yield words[0], words[1] if node.func.id.startswith("ngettext") and len(words) > 1 else "", node.lineno


def _of_rules(text: str) -> Iterator[tuple[str, str, int]]:
    """What the rules of curation say of themselves; pages get it by way of manifests."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == RULE:
            told = [*node.args[3:4], *(k.value for k in node.keywords if k.arg in ("explanation", "reason"))]
            yield from ((a.value, "", a.lineno) for a in told if isinstance(a, ast.Constant))


def said(rooms: Iterable[str] = ROOMS) -> dict[str, list[Said]]:
    """msgid -> where it is said, over all files of the rooms."""
    found: dict[str, list[Said]] = {}
    for path in files(rooms):
        for one in strings(path):
            found.setdefault(one.msgid, []).append(one)
    return found


def missing(rooms: Iterable[str] = ROOMS) -> list[Said]:
    """What has no Spanish yet, or Spanish that is not sure (fuzzy), or lacks a plural."""
    entries = {entry.msgid: entry for entry in polib.pofile(str(PO))}
    return [where[0] for msgid, where in said(rooms).items() if not _complete(entries.get(msgid), where[0])]


def _complete(entry: polib.POEntry | None, one: Said) -> bool:
    if entry is None or "fuzzy" in entry.flags:
        return False
    if one.plural:
        return bool(entry.msgstr_plural) and all(entry.msgstr_plural.values())
    return bool(entry.msgstr)


def update() -> tuple[int, int]:
    """Bring the .po in step with the pages; returns (added, removed)."""
    catalogue, spoken = polib.pofile(str(PO), wrapwidth=120), said()
    known = {entry.msgid for entry in catalogue}
    gone = [entry for entry in catalogue if entry.msgid not in spoken]
    for entry in gone:
        catalogue.remove(entry)
    for msgid, where in spoken.items():
        if msgid not in known:
            plural = {"msgid_plural": where[0].plural, "msgstr_plural": {0: "", 1: ""}} if where[0].plural else {}
            flags = ["python-format"] if re.search(r"%\(\w+\)", msgid) else []
            catalogue.append(polib.POEntry(msgid=msgid, flags=flags, **plural))
    for entry in catalogue:
        entry.occurrences = sorted({(one.path, "") for one in spoken[entry.msgid]})
    catalogue.sort(key=lambda entry: (entry.occurrences[:1], entry.msgid))
    catalogue.save()
    return len(set(spoken) - known), len(gone)


def compile_catalogue() -> Path:
    """Write the .mo beside the .po."""
    target = PO.with_suffix(".mo")
    polib.pofile(str(PO)).save_as_mofile(str(target))
    return target


if __name__ == "__main__":
    added, removed = update()
    compile_catalogue()
    print(f"{added} added, {removed} removed, {len(missing())} without Spanish")
