"""What a person is shown of a consent module: their form of its current version, in the language of the page."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from commonweal.protocol import ConsentForm, ConsentModule, ConsentText
from commonweal.ui.context import current_protocol, language
from commonweal.vault.consent.answering import says_yes
from commonweal.vault.consent.grants import withdrawn_at
from commonweal.vault.consent.places import places_of, required_of
from commonweal.vault.people import steps
from commonweal.vault.people.current import current_profile, is_eligible

if TYPE_CHECKING:
    from datetime import datetime

    from commonweal.vault.people.models import Participant


@dataclass(frozen=True)
class Shown:
    """The module, the form that is this person's, and its words (in English where there are none in the page's language)."""

    module: ConsentModule
    form: ConsentForm
    text: ConsentText
    language: str
    home: str | None

    @property
    def parts(self) -> int:
        return len(self.text.screens) + bool(self.text.questions) + 1

    @property
    def context(self) -> dict[str, object]:
        place = steps.place_of(self.module.id, self.home)
        told = {"module": self.module, "form_of": self.form, "text": self.text, "parts": self.parts}
        return told | {"lang": self.language, "step": place, "steps": steps.joining(self.home) if place else []}


def shown_to(person: "Participant", module_id: str) -> Shown | None:
    """None for a module that there is not, or that is not asked where this person lives."""
    protocol = current_protocol()
    module, places = protocol.consents.get(module_id), places_of(person, protocol)
    if module is None or not module.applies(places.home):
        return None
    form = places.form(module)
    chosen = language() if language() in form.texts else next(iter(form.texts))
    return Shown(module, form, form.texts[chosen], chosen, places.home)


def is_too_early(person: "Participant", module: ConsentModule, now: "datetime") -> bool:
    """Whether an earlier step, or a module that this one stands on, is still missing; or the person has left."""
    if not is_eligible(person) or current_profile(person) is None or withdrawn_at(person):
        return True
    protocol = current_protocol()
    needed = required_of(module, places_of(person, protocol), protocol)
    return not all(says_yes(person, name, now) for name in needed)
