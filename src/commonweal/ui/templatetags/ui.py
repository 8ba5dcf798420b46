"""The parts of the design system as template tags; built into every template of both sites.

{% notice "good" title=text %} … {% endnotice %}      {% card %} … {% endcard %}
{% field form.name %}  {% errors form %}              {% badge text "good" %}
{% stepper steps current %}  {% meter 3 10 text %}    {% timeline steps %}
{% bars title=… subtitle=… source=… rows=… %}         {% mosaic people %}
{% series chart %}                                    a `series.Chart` with its table
{% tilemap chart %}  {% funnel chart %}  {% dots chart %}  {% matrix chart %}   what the modules of these names make
{% listing columns rows caption=… %}                  {% nothing title text %}
{{ number|figure }}  {{ moment|day }}  {{ localised|words }}  {{ text|paragraphs }}
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BoundField
from django.utils import formats, timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from commonweal.ui import charts, prose
from commonweal.ui import context as site_context
from commonweal.ui import mosaic as mosaics
from commonweal.ui.dots import Dots
from commonweal.ui.funnel import Funnel
from commonweal.ui.matrix import Matrix
from commonweal.ui.series import Chart
from commonweal.ui.tilemap import TileMap

register = template.Library()
register.filter("figure", charts.figure)
register.filter("paragraphs", prose.paragraphs)


@register.filter
def words(mapping: Any) -> str:
    """Protocol text {en, es} in the language of the page."""
    return site_context.words(mapping)


@register.filter
def day(value: date | datetime | str | None) -> str:
    """A day in words: November 22, 2026 or 22 de noviembre de 2026. Words stay as they are."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    if site_context.language() == "es":  # months are written small
        return formats.date_format(value, r"j \d\e F \d\e Y").lower()
    return formats.date_format(value, "F j, Y")


@register.filter
def moment(value: datetime | None) -> str:
    """A day and a time in words: Monday, November 23, 2026, 9:30 a.m.; lunes 23 de noviembre de 2026, 9:30 a. m."""
    if value is None:
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    clock = formats.time_format(local, "g:i a")
    if site_context.language() == "es":
        shape = r"l j \d\e F \d\e Y"
        return f"{formats.date_format(local, shape)}, {clock.replace('.m.', '. m.')}"
    return f"{formats.date_format(local, 'l, F j, Y')}, {clock}"


@register.filter
def leading(label: str) -> str:
    """A label with what joins it to the words after it: a colon, unless it ends as a sentence does."""
    return label if label.endswith((".", "?", "!", ":")) else f"{label}:"


@register.simple_block_tag
def notice(content: str, kind: str = "", title: str = "") -> SafeString:
    """A box that says what happened and what to do; kind: "" | good | caution | bad | warm."""
    heading = format_html('<p class="notice-title">{}</p>', title) if title else ""
    return format_html('<div class="notice {}">{}{}</div>', kind, heading, mark_safe(content))


@register.simple_block_tag
def card(content: str, kind: str = "") -> SafeString:
    """A box for one thing; kind: "" | next | welcome."""
    return format_html('<section class="card {}">{}</section>', kind, mark_safe(content))


@register.simple_tag
def badge(text: Any, kind: str = "") -> SafeString:
    """A word of status, never colour alone; kind: "" | good | caution | bad | warm | accent."""
    return format_html('<span class="badge {}">{}</span>', kind, text)


@register.inclusion_tag("ui/field.html")
def field(bound: BoundField, optional: bool | None = None) -> dict[str, Any]:
    """One form field: label above, hint before, error at the field. Radio and checkbox groups become a fieldset."""
    widget = bound.field.widget
    widget.attrs.pop("placeholder", None)  # the label above says it, and stays while one types
    many = type(widget).__name__ in {"RadioSelect", "CheckboxSelectMultiple"}
    kind = getattr(widget, "input_type", "select")
    return {
        "bound": bound,
        "many": many,
        "kind": kind,
        "optional": not bound.field.required if optional is None else optional,
    }


@register.inclusion_tag("ui/errors.html")
def errors(form: Any) -> dict[str, Any]:
    """A summary of what is wrong in a form; it takes focus and links to each field."""
    return {"form": form}


@register.inclusion_tag("ui/stepper.html")
def stepper(steps: Sequence[Any], current: int) -> dict[str, Any]:
    """Where one is: `steps` are words, `current` counts from 1."""
    return {"steps": [{"text": s, "done": n < current, "current": n == current} for n, s in enumerate(steps, 1)]}


@register.inclusion_tag("ui/meter.html")
def meter(value: float, maximum: float, text: str) -> dict[str, Any]:
    """A bar of progress with its words."""
    return {"value": value, "maximum": maximum, "text": text}


@register.inclusion_tag("ui/timeline.html")
def timeline(steps: Iterable[Any]) -> dict[str, Any]:
    """Steps {title, text, when, state: done|current|later, url}."""
    return {"steps": steps}


@register.inclusion_tag("ui/bars.html")
def bars(
    title: str, rows: Iterable[Any], subtitle: str = "", source: str = "", maximum: float | None = None, kind: str = ""
) -> dict[str, Any]:
    """A chart of bars with its figures: title says the finding, subtitle the measure and denominator."""
    return {"title": title, "subtitle": subtitle, "source": source, "bars": charts.bars(rows, maximum), "kind": kind}


@register.inclusion_tag("ui/series.html")
def series(chart: Chart) -> dict[str, Any]:
    """A chart over time, drawn without a script, with its figures as a table below it."""
    return {"chart": chart}


@register.inclusion_tag("ui/tilemap.html")
def tilemap(chart: TileMap) -> dict[str, Any]:
    """The United States in tiles of one size, shaded in five steps."""
    return {"chart": chart}


@register.inclusion_tag("ui/funnel.html")
def funnel(chart: Funnel) -> dict[str, Any]:
    """Steps of a way, with what is lost between them."""
    return {"chart": chart}


@register.inclusion_tag("ui/dots.html")
def dots(chart: Dots) -> dict[str, Any]:
    """Ratios on a logarithmic axis around 1."""
    return {"chart": chart}


@register.inclusion_tag("ui/matrix.html")
def matrix(chart: Matrix) -> dict[str, Any]:
    """One category by another, shaded in five steps."""
    return {"chart": chart}


@register.inclusion_tag("ui/mosaic.html")
def mosaic(people: int | None, side: int = mosaics.SIDE, caption: bool = True) -> dict[str, Any]:
    """The mosaic of everyone who joined, from a disclosed number (None: suppressed) alone."""
    return {"mosaic": mosaics.draw(people or 0, side), "caption": caption, "suppressed": people is None}


@register.inclusion_tag("ui/listing.html")
def listing(columns: Sequence[Any], rows: Sequence[Sequence[Any]], caption: str = "", note: str = "") -> dict[str, Any]:
    """A table: `columns` are words, or (words, "number") for figures; `rows` are sequences of cells."""
    heads = [c if isinstance(c, (tuple, list)) else (c, "") for c in columns]
    body = [[(cell, kind) for cell, (_, kind) in zip(row, heads, strict=True)] for row in rows]
    return {"heads": heads, "rows": body, "caption": caption, "note": note}


@register.simple_tag
def nothing(title: str, text: str = "") -> SafeString:
    """Where there is nothing yet: says so, and what would fill it."""
    words = format_html("<p>{}</p>", text) if text else ""
    return format_html('<div class="empty"><p class="empty-title">{}</p>{}</div>', title, words)


@register.simple_tag
def code(text: str) -> SafeString:
    """A block of code or SQL, as written."""
    return format_html('<pre class="code" tabindex="0"><code>{}</code></pre>', conditional_escape(text))
