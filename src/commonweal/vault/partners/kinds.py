"""The lists that pages choose from, in words: kinds of partners, agreements, materials; languages; states."""

from django.utils.translation import gettext_lazy as _

from commonweal.protocol import Protocol
from commonweal.protocol.states import NAMES
from commonweal.ui.context import words

PARTNERS = {
    "national": _("National association"),
    "state": _("State or regional initiative"),
    "faith": _("Faith group"),
    "library": _("Library"),
    "school": _("School or college"),
    "clinic": _("Clinic or hospital"),
    "employer": _("Employer or union"),
    "media": _("Newspaper, radio or other media"),
    "community": _("Community organization"),
}
AGREEMENTS = {
    "memorandum": _("Memorandum of understanding"),
    "contract": _("Contract"),
    "grant": _("Grant"),
    "data": _("Data use agreement"),
    "letter": _("Letter of support"),
}
MATERIALS = {
    "flyer": _("Flyer"),
    "brochure": _("Brochure"),
    "poster": _("Poster"),
    "card": _("Card with a code"),
    "slides": _("Slides"),
    "video": _("Video"),
    "guide": _("Guide"),
    "post": _("Post for social media"),
}
FOR_PARTICIPANTS, FOR_PROVIDERS = "participants", "providers"
AUDIENCES = {FOR_PARTICIPANTS: _("For participants"), FOR_PROVIDERS: _("For health-care providers")}
LANGUAGES = {
    "en": _("English"),
    "es": _("Spanish"),
    "ar": _("Arabic"),
    "fr": _("French"),
    "hmn": _("Hmong"),
    "ht": _("Haitian Creole"),
    "ko": _("Korean"),
    "nv": _("Navajo"),
    "pt": _("Portuguese"),
    "ru": _("Russian"),
    "so": _("Somali"),
    "tl": _("Tagalog"),
    "vi": _("Vietnamese"),
    "zh": _("Chinese"),
    "ase": _("American Sign Language"),
}
STATES = NAMES


def categories(protocol: Protocol) -> dict[str, str]:
    """The categories of representation of the program, by id."""
    return {one.id: words(one.title) for one in protocol.representation.categories}
