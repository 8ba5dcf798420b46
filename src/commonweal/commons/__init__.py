"""What a researcher imports: published releases, their tables and cohorts.

from commonweal import commons
release = commons.open("2026Q4R1", tier="registered")
release.cohort({"version": 1, "include": [...]}).count()
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from commonweal.commons.opening import open, published
    from commonweal.commons.release import Release

__all__ = ["Release", "open", "published"]


def __getattr__(name: str) -> Any:
    """The engine is loaded when the first release is opened, not by everyone who imports a part of this room."""
    if name in ("open", "published"):
        from commonweal.commons import opening

        return getattr(opening, name)
    if name == "Release":
        from commonweal.commons.release import Release

        return Release
    raise AttributeError(name)
