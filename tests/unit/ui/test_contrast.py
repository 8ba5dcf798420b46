"""Text stands out at 7:1 on every paper it is printed on, marks at 3:1, in all four palettes."""

import re
from pathlib import Path

import pytest

import commonweal.ui

SHEET = (Path(commonweal.ui.__file__).parent / "static" / "ui" / "commonweal.css").read_text()
PAPERS = ("paper", "surface", "sunk")
TEXT = [(ink, paper) for ink in ("ink", "muted", "accent") for paper in PAPERS]
TEXT += [
    ("on-accent", "accent"),
    ("warm-ink", "warm-soft"),
    ("warm-ink", "paper"),
    ("good", "good-soft"),
    ("bad", "surface"),
]
TEXT += [
    ("caution", "caution-soft"),
    ("bad", "bad-soft"),
    ("accent", "accent-soft"),
    ("ink", "accent-soft"),
    ("ink", "warm-soft"),
]
TEXT += [
    ("ink", "good-soft"),
    ("ink", "bad-soft"),
    ("ink", "caution-soft"),
    ("accent", "warm-soft"),
    ("muted", "warm-soft"),
]
TEXT += [(f"on-shade-{n}", f"shade-{n}") for n in range(1, 6)]
MARKS = [(mark, paper) for mark in ("edge", "warm", "accent") for paper in ("paper", "surface")]
MARKS += [(f"series-{n}", paper) for n in range(1, 9) for paper in ("paper", "surface")]


def blocks(sheet: str) -> list[dict[str, str]]:
    """Variables of :root, .research, dark :root, dark .research, in that order."""
    found = re.findall(r"(?:^|\n)\s*(?::root|\.research)\s*\{([^}]*)\}", sheet)
    return [dict(re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{3,6})\b", block)) for block in found]


def palettes() -> dict[str, dict[str, str]]:
    portal, research, dark, dark_research = blocks(SHEET)[:4]
    return {
        "portal": portal,
        "research": portal | research,
        "portal dark": portal | dark,
        "research dark": portal | dark | dark_research,
    }


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(c * 2 for c in digits)
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_formula_is_the_standard_one():
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#fff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("name", palettes())
def test_text_and_marks_stand_out(name):
    palette = palettes()[name]
    faint = [
        (ink, paper, round(contrast(palette[ink], palette[paper]), 2))
        for pairs, least in ((TEXT, 7), (MARKS, 3))
        for ink, paper in pairs
        if contrast(palette[ink], palette[paper]) < least
    ]
    assert not faint


@pytest.mark.parametrize("name", palettes())
def test_five_steps_go_one_way_and_can_be_told_apart(name):
    palette = palettes()[name]
    shades = [luminance(palette[f"shade-{n}"]) for n in range(1, 6)]
    assert shades == sorted(shades, reverse="dark" not in name)
    assert all(contrast(palette[f"shade-{n}"], palette[f"shade-{n + 1}"]) >= 1.25 for n in range(1, 5))
