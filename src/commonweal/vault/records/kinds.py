"""The kinds of health records in plain words."""

from django.utils.translation import gettext_lazy as _

KINDS: dict[str, object] = {  # FHIR resource type -> its plain name, as a heading
    "Encounter": _("Visits"),
    "Condition": _("Diagnoses"),
    "Procedure": _("Procedures"),
    "MedicationRequest": _("Prescriptions"),
    "MedicationDispense": _("Medicines handed out"),
    "MedicationStatement": _("Medicines that you take"),
    "MedicationAdministration": _("Medicines given"),
    "Immunization": _("Vaccinations"),
    "Observation": _("Measurements and lab results"),
    "DiagnosticReport": _("Reports"),
    "DocumentReference": _("A list of documents, without what they say"),
    "Device": _("Devices"),
    "Specimen": _("Samples for the laboratory"),
    "ImagingStudy": _("A list of scans and X-rays, without the pictures"),
    "AllergyIntolerance": _("Allergies"),
    "Coverage": _("Health insurance"),
    "Patient": _("Facts about you"),
}


def name_of(kind: str) -> object:
    """The plain name of a kind, or of a search of it (`Observation laboratory`)."""
    return KINDS.get(kind.split(" ")[0], kind)
