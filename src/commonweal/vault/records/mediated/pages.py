"""One page that a clinic answered: the resources that are this person's, where the next page is, what went wrong. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import orjson

from commonweal.r4.patients import subject_id
from commonweal.vault.linking.client import Malformed
from commonweal.vault.records.mediated.slimming import slim

_OF_NOBODY = frozenset({"Medication"})  # what others refer to


@dataclass
class Page:
    """`lines`: resources as NDJSON lines; `counts` of them by type; `next`: the address of the next page, "" at the end.

    `not_theirs`: resources that are another person's, which are dropped; `outcomes`: issue codes of OperationOutcomes.
    """

    lines: list[bytes] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    next: str = ""
    not_theirs: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)


def read(answer: Any, patient: str, address: str) -> Page:
    """What stands in an answer to `address` about the patient of this logical id. Raises Malformed."""
    page = Page()
    for resource in _resources(answer):
        _take(page, resource, patient)
    if isinstance(answer, dict) and answer.get("resourceType") == "Bundle":
        page.next = next_of(answer, address)
    return page


def _resources(answer: Any) -> Iterator[Mapping[str, Any]]:
    if not isinstance(answer, dict) or not isinstance(answer.get("resourceType"), str):
        raise Malformed("no resource")
    if answer["resourceType"] != "Bundle":
        yield answer
        return
    entries = answer.get("entry", [])
    if not isinstance(entries, list):
        raise Malformed("no entries")
    for entry in entries:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and isinstance(resource.get("resourceType"), str):
            yield resource


def _take(page: Page, resource: Mapping[str, Any], patient: str) -> None:
    kind = resource["resourceType"]
    if kind == "OperationOutcome":
        page.outcomes.update(issue_codes(resource))
    elif kind not in _OF_NOBODY and _whose(resource) != patient:
        page.not_theirs += 1
    else:
        page.lines.append(orjson.dumps(slim(resource)))
        page.counts[kind] += 1


def _whose(resource: Mapping[str, Any]) -> str | None:
    """The patient whom a resource is about; of an insurance, the one who benefits."""
    try:
        found = subject_id(resource)
        return found if found is not None else subject_id({"subject": resource.get("beneficiary")})
    except (AttributeError, TypeError):
        return None


def issue_codes(outcome: Any) -> list[str]:
    """The codes of an OperationOutcome's issues (FHIR R4 issue-type), never its words, which may name a person."""
    issues = outcome.get("issue") if isinstance(outcome, Mapping) else None
    codes = [one.get("code") for one in issues if isinstance(one, Mapping)] if isinstance(issues, list) else []
    return [code for code in codes if isinstance(code, str) and code.isascii() and len(code) <= 40]


def next_of(bundle: Mapping[str, Any], address: str) -> str:
    """The address of the next page. It must be at the same server: the token goes with it. Raises Malformed."""
    links = bundle.get("link")
    found = (
        [one.get("url") for one in links if isinstance(one, dict) and one.get("relation") == "next"] if links else []
    )
    if not found or not isinstance(found[0], str):
        return ""
    whole = urljoin(address, found[0])
    if origin(whole) != origin(address) or whole == address:
        raise Malformed("the next page is elsewhere")
    return whole


def origin(address: str) -> str:
    """Scheme, host and port: `https://fhir.example`."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
