"""How numbers and browsers are named on the pages of an account."""

from django import template
from django.utils.translation import gettext

from commonweal.vault.people import phones

register = template.Library()
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


@register.filter
def spoken_number(number: str | None) -> str:
    return phones.spoken(number) if number else ""


@register.filter
def browser(agent: str) -> str:
    """“Firefox, Windows” from what a browser calls itself."""
    parts = [next((name for sign, name in names if sign in agent), "") for names in (BROWSERS, SYSTEMS)]
    return ", ".join(filter(None, parts)) or gettext("A browser that does not say its name")
