"""What drawings of analyses have in common: titles and legends, of the style that axes are made with."""

from typing import Any


def title(area: Any, text: str) -> None:
    area.set_title(text, loc="left", fontweight="bold")


def legend(area: Any, **more: Any) -> None:
    """Beside the axes, above, without a frame; `more` as for Matplotlib's legend."""
    area.legend(**{"loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "fontsize": 9, "frameon": False} | more)
