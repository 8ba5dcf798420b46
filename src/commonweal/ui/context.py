"""What every page of both sites knows: its zone, its program, its navigation and the languages it can be read in."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from commonweal import protocol

NAVIGATION = ["site/navigation.html", "ui/navigation.html"]  # the site's own, else none
FOOTING = ["site/foot.html", "ui/navigation.html"]
BAND = ["site/band.html", "ui/navigation.html"]


@lru_cache(maxsize=4)
def _folder(home: Path) -> Path:
    return home if (home / "program.toml").is_file() else protocol.DEFAULT


def current_protocol() -> "protocol.Protocol":
    """The protocol of this process's home; the default program where the home has none of its own."""
    return protocol.load(_folder(Path(settings.COMMONWEAL_HOME.protocol)))


def language() -> str:
    """The language of this request, as the protocol writes it: en or es."""
    return (get_language() or "en").split("-")[0]


def words(mapping: Any) -> str:
    """Localised protocol text in the language of this request; English where it has no other."""
    return protocol.text(mapping, language()) if mapping else ""


def _program() -> dict[str, Any]:
    current = current_protocol()
    program = current.program
    contacts = program.contacts
    return {
        "name": words(program.name),
        "tagline": words(program.tagline),
        "about": words(program.about),
        "email": contacts.email,
        "phone": contacts.phone,
        "hours": words(contacts.hours),
        "pages": [(slug, words(page.title)) for slug, page in current.pages.items()],
    }


def site(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `zone` (portal | research), `program` {name, tagline, about, email, …}, `navigation`, `footing`, `top_band`, languages."""
    return {
        "zone": settings.COMMONWEAL_SITE,
        "program": SimpleLazyObject(_program),
        "navigation": NAVIGATION,
        "footing": FOOTING,
        "top_band": BAND,
        "page_languages": settings.LANGUAGES,
        "demonstration": getattr(settings, "DEMONSTRATION", False),
    }
