"""The Synthea people of the shared data, read in the plainest way, as an independent witness of what the bundles hold."""

import csv
import gzip
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

HEALTH_EVENTS = (
    "Encounter", "Condition", "Procedure", "MedicationRequest", "Immunization", "Observation", "AllergyIntolerance",
    "ImagingStudy", "DiagnosticReport",
)  # fmt: skip


@dataclass
class Person:
    """One Synthea patient and how many resources of each type the bundle holds for them."""

    bundle: Path
    external_id: str
    patient: dict
    resources: Counter = field(default_factory=Counter)

    @property
    def born(self) -> str:
        return self.patient["birthDate"]

    @property
    def died(self) -> str | None:
        return (self.patient.get("deceasedDateTime") or "")[:10] or None

    @property
    def strings(self) -> set[str]:
        """What names this person directly: none of it may stand in a release."""
        name, address = self.patient["name"][0], self.patient["address"][0]
        found = {name["family"], *name["given"], *address["line"], self.born}
        found |= {t["value"] for t in self.patient.get("telecom", [])} | {
            i["value"] for i in self.patient["identifier"]
        }
        return found

    def row(self, site: str, **consents: str) -> dict[str, str]:
        """This person as a row of the participants file."""
        name, address = self.patient["name"][0], self.patient["address"][0]
        numbers = {i["type"]["coding"][0]["code"]: i["value"] for i in self.patient["identifier"] if "type" in i}
        return {
            "external_id": self.external_id,
            "given_name": " ".join(name["given"]),
            "family_name": name["family"],
            "birth_date": self.born,
            "sex_at_birth": self.patient["gender"],
            "email": f"{self.external_id}@example.org",
            "phone": next(t["value"] for t in self.patient["telecom"] if t["system"] == "phone"),
            "address_line": address["line"][0],
            "city": address["city"],
            "state": "MA",
            "zip": address.get("postalCode", ""),
            "language": "en",
            "site": site,
            "mrn": numbers["MR"],
            **consents,
        }


def people(folder: Path) -> list[Person]:
    """Every patient bundle in the folder, ordered by birth date."""
    found = []
    for path in sorted(folder.glob("*.json.gz")):
        with gzip.open(path) as file:
            resources = [entry["resource"] for entry in json.load(file)["entry"]]
        patients = [r for r in resources if r["resourceType"] == "Patient"]
        if patients:
            found.append(Person(path, "", patients[0], Counter(r["resourceType"] for r in resources)))
    found.sort(key=lambda p: (p.born, p.patient["id"]))
    for number, person in enumerate(found, 1):
        person.external_id = f"synthea-{number:03d}"
    return found


def together(bundles: list[Path], folder: Path, at_most: int = 20) -> list[Path]:
    """The entries of several people's bundles as one Bundle, of `at_most` people each."""
    written = []
    for start in range(0, len(bundles), at_most):
        whole: dict = {"resourceType": "Bundle", "type": "collection", "entry": []}
        for path in bundles[start : start + at_most]:
            with gzip.open(path) as file:
                whole["entry"] += json.load(file)["entry"]
        written.append(folder / f"people-{start}.json.gz")
        with gzip.open(written[-1], "wt", compresslevel=1) as file:
            json.dump(whole, file)
    return written


def write_participants(path: Path, rows: list[dict[str, str]]) -> None:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
