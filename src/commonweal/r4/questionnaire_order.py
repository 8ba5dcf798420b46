"""In which order the items of a form can be decided, and which of them depend on themselves.

Tarjan's algorithm for strongly connected components (SIAM J. Comput. 1, 1972), without recursion: linear in the number
of items and of what they depend on.
"""

from collections.abc import Iterator, Mapping, Sequence


def ordered(needs: Mapping[str, Sequence[str]]) -> tuple[list[str], frozenset[str]]:
    """(all names, each after all that it needs; the names that need themselves, directly or by way of others).

    Names that are needed but are no keys of `needs` are passed over.
    """
    order: list[str] = []
    looped: set[str] = set()
    for component in _components(needs):
        order += component
        if len(component) > 1 or component[0] in needs[component[0]]:
            looped.update(component)
    return order, frozenset(looped)


def _components(needs: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    open_names: list[str] = []
    is_open: set[str] = set()
    for start in needs:
        if start in number:
            continue
        path: list[tuple[str, Iterator[str]]] = [(start, iter(needs[start]))]
        while path:
            name, waiting = path[-1]
            if name not in number:
                number[name] = low[name] = len(number)
                open_names.append(name)
                is_open.add(name)
            deeper = _next_new(name, waiting, needs, number, low, is_open)
            if deeper is not None:
                path.append((deeper, iter(needs[deeper])))
                continue
            path.pop()
            if path:
                low[path[-1][0]] = min(low[path[-1][0]], low[name])
            if low[name] == number[name]:
                yield _closed(name, open_names, is_open)


def _next_new(
    name: str,
    waiting: Iterator[str],
    needs: Mapping[str, Sequence[str]],
    number: dict[str, int],
    low: dict[str, int],
    is_open: set[str],
) -> str | None:
    """The next thing that `name` needs and that has not been visited; None when there is none left."""
    for other in waiting:
        if other not in needs:
            continue
        if other not in number:
            return other
        if other in is_open:
            low[name] = min(low[name], number[other])
    return None


def _closed(name: str, open_names: list[str], is_open: set[str]) -> list[str]:
    component: list[str] = []
    while True:
        other = open_names.pop()
        is_open.discard(other)
        component.append(other)
        if other == name:
            return component
