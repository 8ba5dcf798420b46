"""What a form asks, said by an independent FHIRPath implementation over the response itself.

Each `enableWhen` becomes a FHIRPath expression, written from the JSON of the form and the words of FHIR R4, sharing nothing
with the code it judges.
"""

import json
from functools import lru_cache

from fhirpathpy import compile
from fhirpathpy.models import models

NO_SKIP = ".where(value.code.where($this = 'PMI_Skip').empty())"
compiled = lru_cache(maxsize=None)(lambda expression: compile(expression, models["r4"]))


class Reference:
    """The items of a form, and which of them a response shows to be asked."""

    def __init__(self, form):
        self.places = {}
        self._place(form.get("item", []), "%resource", ())

    def _place(self, elements, path, above):
        for element in elements:
            link = element["linkId"]
            here = f"{path}.item.where(linkId = {quoted(link)})"
            self.places[link] = element, here, above
            inside = here if element["type"] == "group" else here + ".answer"
            self._place(element.get("item", []), inside, (*above, link))

    def asked(self, response):
        """linkIds of the items that are asked, of those whose answers stand in the response."""
        known = {}

        def says(expression):
            if expression not in known:
                known[expression] = compiled(expression)(response, {"resource": response}) == [True]
            return known[expression]

        own = {link: self._own(element, says) for link, (element, _, _) in self.places.items()}
        return {
            link
            for link, (_, _, above) in self.places.items()
            if own[link] and all(own[one] and self._answered(one, says) for one in above)
        }

    def _answered(self, link, says):
        element, here, _ = self.places[link]
        return element["type"] == "group" or says(f"{here}.answer{NO_SKIP}.exists()")

    def _own(self, element, says):
        conditions = [says(self.rendered(condition)) for condition in element.get("enableWhen", [])]
        if not conditions:
            return True
        return all(conditions) if element.get("enableBehavior") == "all" else any(conditions)

    def rendered(self, condition):
        """One condition as FHIRPath."""
        values = f"{self.places[condition['question']][1]}.answer{NO_SKIP}.value"
        operator = condition["operator"]
        key, wanted = next((key, value) for key, value in condition.items() if key.startswith("answer"))
        if operator == "exists":
            return values + (".exists()" if wanted else ".empty()")
        test = compared("=" if operator == "!=" else operator, key.removeprefix("answer"), wanted)
        return f"{values}.where({test})" + (".empty()" if operator == "!=" else ".exists()")


def compared(operator, kind, wanted):
    if kind == "Coding":
        return f"code = {quoted(wanted['code'])} and system = {quoted(wanted['system'])}"
    if kind == "Quantity":
        return f"value {operator} {wanted['value']} and code = {quoted(wanted['code'])}"
    literal = {
        "Boolean": lambda: json.dumps(wanted),
        "Integer": lambda: str(wanted),
        "Decimal": lambda: str(wanted),
        "Date": lambda: f"@{wanted}",
        "DateTime": lambda: f"@{wanted}",
        "Time": lambda: f"@T{wanted}",
        "String": lambda: quoted(wanted),
        "Uri": lambda: quoted(wanted),
    }[kind]()
    return f"$this {operator} {literal}"


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
