"""What the pages of a survey say about a sitting: {% load surveys %}."""

from typing import Any

from django import template

from commonweal.vault.surveys.sitting import Sitting

register = template.Library()


@register.simple_tag
def survey_page(sitting: Sitting, number: int) -> str:
    """The address of a screen in this sitting."""
    return sitting.url("page", number)


@register.simple_tag
def item_text(item: Any, language: str) -> str:
    return str(item.text(language))
