"""Made-up figures for the page that shows every part once."""

from django.utils.translation import gettext as _

from commonweal.ui import dots, funnel, matrix, series, tilemap
from commonweal.ui.charts import figure, share


def _over_time() -> series.Chart:
    """A week of a device, with a day on which it was not worn."""
    days, steps = ("1", "2", "3", "4", "5", "6", "7"), (7115, 9020, None, 4100, 12340, 8060, 7700)
    points = [
        series.Point(day, (n,)) if n else series.Point(day, (), series.OFF) for day, n in zip(days, steps, strict=True)
    ]
    rows = [[day, figure(n) if n else "–"] for day, n in zip(days, steps, strict=True)]
    title = _("You took about %(steps)s steps a day") % {"steps": figure(8100)}
    return series.Chart(title, str(_("Steps a day")), series.draw(points), [_("Day"), (_("Steps"), "number")], rows)


def _map() -> tilemap.TileMap:
    """People by state: some withheld, one of which nothing is known."""
    rows: list[dict[str, object]] = [
        {"code": code, "value": 45_000 // (6 + (x - 5) ** 4 + 9 * (y - 3) ** 2), "url": f"#{code}"}
        for code, (x, y) in tilemap.places().items()
        if code not in ("WY", "VT", "GU", "AS", "MP")
    ]
    rows += [{"code": code, "value": None, "suppressed": True} for code in ("WY", "VT", "GU")]
    return tilemap.tilemap(
        _("Most people who joined live in the Midwest"),
        rows,
        _("People"),
        subtitle=_("People who joined, by the state in which they live"),
        source=_("Made-up figures"),
        caption=_("People who joined, by state"),
        label=_("%(state)s: %(value)s people"),
    )


def _way() -> funnel.Funnel:
    return funnel.funnel(
        _("Half of those who join have given samples"),
        [
            {"label": _("You joined"), "value": 7115},
            {"label": _("Health records"), "value": 6190},
            {"label": _("Surveys"), "value": 4980},
            {"label": _("Samples"), "value": None, "suppressed": True},
            {"label": _("Genome"), "value": 2410},
        ],
        subtitle=_("People who joined, by how far they have come"),
        source=_("Made-up figures"),
        caption=_("People at each step"),
    )


def _ratios() -> dots.Dots:
    rows = [("18–44", 0.31, 0.45, 0.66, 0.74), ("45–64", 0.41, 0.33, 1.18, 1.3), ("65+", 0.28, 0.22, 1.19, 1.36)]
    groups: list[dict[str, object]] = [
        {"label": label, "value": here / there, "low": low, "high": high, "share": here, "population": there}
        for label, here, there, low, high in rows
    ]
    groups.append({"label": "90+", "value": None, "suppressed": True, "population": 0.012})
    return dots.dots(
        _("People under 45 are missing"),
        groups,
        subtitle=_("Share of those who joined over share of the population, with 95% intervals"),
        source=_("Made-up figures"),
        caption=_("People who joined and the population, by age"),
    )


def _crossed() -> matrix.Matrix:
    shares = {"18–44": (0.21, 0.43, 0.52), "45–64": (0.11, 0.36, 0.48), "65+": (0.08, 0.24, None)}
    rows = [(age, [{"value": v, "suppressed": v is None} for v in values]) for age, values in shares.items()]
    return matrix.matrix(
        _("Income weighs most among younger people"),
        [_("City"), _("Town"), _("Rural area")],
        rows,
        corner=_("Age"),
        subtitle=_("Share with a low income, by age and where they live"),
        source=_("Made-up figures"),
        words=share,
    )


def sample() -> dict[str, object]:
    rows = [
        {"label": "18–44", "value": 640, "target": 700},
        {"label": "45–64", "value": 820, "target": 700},
        {"label": "65+", "value": 520},
        {"label": "90+", "value": None, "suppressed": True, "text": "≤ 20"},
    ]
    steps = [
        {"title": _("You joined"), "state": "done", "when": "2026-11-01"},
        {"title": _("Health records"), "state": "current", "text": _("Decide whether to share them.")},
        {"title": _("Surveys"), "state": "later"},
    ]
    table = [["Alpha", 1200], ["Beta", 80]]
    return {
        "rows": rows,
        "steps": steps,
        "table": table,
        "over_time": _over_time(),
        "map": _map(),
        "way": _way(),
        "ratios": _ratios(),
        "crossed": _crossed(),
        "columns": [_("Site"), (_("People"), "number")],
        "counts": [0, 7, 240, 2000, 100000],
    }
