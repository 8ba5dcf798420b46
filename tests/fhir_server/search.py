"""Reading and searching: by patient, category, intent and time, with pages and what is brought along."""

import secrets
from urllib.parse import urlencode

UNDER = "https://another-server.example/fhir"  # where a faulty link leads


def outcome(code, text="Inés Rivera is mentioned here, which nobody may repeat"):
    issue = {"severity": "error", "code": code, "diagnostics": text}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


class Searches:
    """Faults: `strict`: a search with what a server need not know gets 400; `withheld`: kinds that get 403.

    `forgets`: pages that are asked for later are gone (410); `leads_elsewhere`: the next page is at another server;
    `strangers`: resources that are mixed into each first page; `warns`: an OperationOutcome stands in each page; `circles`: kinds whose last page leads to the first.
    """

    def __init__(self, clinic):
        self.clinic = clinic
        self.held = {}
        self.strict = self.forgets = self.leads_elsewhere = self.warns = False
        self.withheld, self.circles, self.strangers = (), (), []

    def get(self, path, asked, token):
        grant = self.clinic.smart.tokens.get(token)
        if self.clinic.smart.ended or grant is None:
            return 401, outcome("login")
        if path == "" and "_page" in asked:
            return self._page(asked["_page"], int(asked["_from"]))
        kind, _, identifier = path.partition("/")
        if kind in self.withheld or not _allows(grant["scope"], kind):
            return 403, outcome("forbidden")
        if identifier:
            found = [one for one in self._all(kind) if one["id"] == identifier and grant["patient"] == identifier]
            return (200, found[0]) if found else (404, outcome("not-found"))
        if self.strict and {"_lastUpdated", "_include", "_count"} & set(asked):
            return 400, outcome("not-supported")
        return self._search(kind, asked, grant)

    def _all(self, kind):
        return [one for one in self.clinic.resources if one["resourceType"] == kind]

    def _search(self, kind, asked, grant):
        if asked.get("patient") != grant["patient"]:
            return 403, outcome("forbidden")
        found = [one for one in self._all(kind) if patient_of(one) == asked["patient"] and _fits(one, asked)]
        key = secrets.token_urlsafe(8)
        brought = self._brought(found) if "_include" in asked else []
        self.held[key] = ([*self.strangers, *found], brought)
        return self._page(key, 0)

    def _brought(self, found):
        wanted = {(one.get("medicationReference") or {}).get("reference", "").split("/")[-1] for one in found}
        return [one for one in self._all("Medication") if one["id"] in wanted]

    def _page(self, key, start):
        if key not in self.held or (start and self.forgets):
            return 410, outcome("not-found")
        found, brought = self.held[key]
        until = start + self.clinic.page
        entries = [{"resource": one, "search": {"mode": "match"}} for one in found[start:until]]
        entries += [{"resource": one, "search": {"mode": "include"}} for one in brought if not start]
        if self.warns:
            entries.append({"resource": outcome("incomplete"), "search": {"mode": "outcome"}})
        link = [{"relation": "self", "url": f"{self.clinic.base}/x"}]
        circle = bool(found) and found[-1]["resourceType"] in self.circles
        if until < len(found) or circle:
            until = until if until < len(found) else 0
            base = UNDER if self.leads_elsewhere else self.clinic.base
            link.append({"relation": "next", "url": f"{base}?{urlencode({'_page': key, '_from': until})}"})
        return 200, {"resourceType": "Bundle", "type": "searchset", "total": len(found), "link": link, "entry": entries}


def patient_of(resource):
    held = next((resource[name] for name in ("subject", "patient", "beneficiary") if name in resource), {})
    return held.get("reference", "").split("/")[-1]


def _fits(resource, asked):
    codes = {c.get("code") for one in resource.get("category", []) for c in one.get("coding", [])}
    if "category" in asked and asked["category"] not in codes:
        return False
    if "intent" in asked and resource.get("intent", "order") not in asked["intent"].split(","):
        return False
    since = asked.get("_lastUpdated", "ge").removeprefix("ge")
    return resource.get("meta", {}).get("lastUpdated", "2020-01-01T00:00:00Z") >= since


def _allows(scope, kind):
    return any(one.startswith((f"patient/{kind}.", "patient/*.", "system/")) for one in scope.split())
