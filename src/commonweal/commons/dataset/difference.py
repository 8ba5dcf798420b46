"""What has changed from one version of a concept set to another, in words."""

from commonweal.commons.dataset.concept_set import ConceptSet, Item, parse
from commonweal.commons.dataset.reading import shown
from commonweal.commons.dataset.resolving import resolve
from commonweal.commons.release import Release


def difference(before: object, after: object, release: Release | None = None) -> list[str]:
    """One line a change, none where nothing has. With a release: its names, and how many concepts came and went."""
    old, new = parse(before), parse(after)
    lines = [
        f"{key}: {shown(str(getattr(old, key)))} became {shown(str(getattr(new, key)))}"
        for key in ("name", "domain", "source", "revision")
        if getattr(old, key) != getattr(new, key)
    ]
    had, has = ({(item.concept, item.excluded): item for item in s.items} for s in (old, new))
    names = release.vocabulary.names({concept for concept, _ in set(had) | set(has)}) if release is not None else {}
    for key in sorted(set(had) | set(has)):
        lines += _change(had.get(key), has.get(key), names.get(key[0], f"concept {key[0]}"))
    return lines + (_resolved(release, old, new) if release is not None else [])


def _change(before: Item | None, after: Item | None, name: str) -> list[str]:
    if before == after:
        return []
    if before is None:
        return [f"{name}: added, {_said(after)}"]
    if after is None:
        return [f"{name}: removed, was {_said(before)}"]
    return [f"{name}: was {_said(before)}, is {_said(after)}"]


def _said(item: Item | None) -> str:
    assert item is not None
    return f"{'excluded' if item.excluded else 'in'} {'with' if item.descendants else 'without'} descendants"


def _resolved(release: Release, old: ConceptSet, new: ConceptSet) -> list[str]:
    had, has = set(resolve(release, old)), set(resolve(release, new))
    if had == has:
        return []
    return [f"in release {release.name}: {len(has - had)} concepts more, {len(had - has)} fewer, {len(has)} in all"]
