"""On which line of a TOML file a key stands: tomllib does not say."""

import re

Path = tuple[str | int, ...]

_TABLE = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(
    r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=(.*)$"""
)
_STRING = re.compile(r'"""|\'\'\'')
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'')


def lines(source: str) -> dict[Path, int]:
    """The line of every table and key, and of each element of an array that is written one to a line."""
    return _Scan().run(source)


def line_of(places: dict[Path, int], path: Path) -> int:
    """The line of a key, or of the nearest thing around it that has one; 1 for the file itself."""
    for length in range(len(path), 0, -1):
        if path[:length] in places:
            return places[path[:length]]
    return 1


class _Scan:
    def __init__(self) -> None:
        self.found: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}
        self.table: Path = ()
        self.array: Path | None = None
        self.depth = self.elements = 0
        self.quote: str | None = None

    def run(self, source: str) -> dict[Path, int]:
        for number, line in enumerate(source.splitlines(), start=1):
            if self.quote:
                self._in_string(line)
            elif self.depth:
                self._in_array(line, number)
            elif match := _TABLE.match(line):
                self._open_table(match, number)
            elif match := _KEY.match(line):
                self._key(match, number)
        return self.found

    def _open_table(self, match: re.Match[str], number: int) -> None:
        path = self._absolute(_split(match[2]))
        if match[1] == "[[":
            index = self.counts.get(path, -1) + 1
            self.counts[path] = index
            self.found.setdefault(path, number)
            path = (*path, index)
        self.table = path
        self.found.setdefault(path, number)

    def _absolute(self, parts: list[str]) -> Path:
        """With the index of the latest element put in wherever an array of tables is passed through."""
        path: Path = ()
        for place, part in enumerate(parts):
            path = (*path, part)
            if path in self.counts and place < len(parts) - 1:
                path = (*path, self.counts[path])
        return path

    def _key(self, match: re.Match[str], number: int) -> None:
        path: Path = (*self.table, *_split(match[1]))
        self.found.setdefault(path, number)
        self.array, self.elements = path, 0
        self._follow(match[2])

    def _in_string(self, line: str) -> None:
        if self.quote and self.quote in line:
            self.quote = None

    def _in_array(self, line: str, number: int) -> None:
        if self.depth == 1 and self.array is not None and line.strip() and line.strip()[0] not in "],#":
            self.found.setdefault((*self.array, self.elements), number)
            self.elements += 1
        self._follow(line)

    def _follow(self, text: str) -> None:
        if (opening := _STRING.search(text)) and text.count(opening[0]) == 1:
            self.quote = opening[0]
            return
        bare = _QUOTED.sub("", text).split("#")[0]
        self.depth += sum(bare.count(c) for c in "[{") - sum(bare.count(c) for c in "]}")


def _split(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in re.findall(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""", dotted)]
