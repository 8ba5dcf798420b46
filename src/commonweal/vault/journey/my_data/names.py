"""Plain names for what stands in health records: common results and units, in words that people use.

Codes are LOINC's and UCUM's. What is not here is called what its source calls it, then what the vocabulary does.
"""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

LOINC = "http://loinc.org"
_TAG = re.compile(r" \((disorder|finding|procedure|situation|event|regime/therapy|observable entity)\)$")  # SNOMED CT's
PLAIN: dict[str, Any] = {
    "8302-2": _("Height"),
    "29463-7": _("Weight"),
    "39156-5": _("Body mass index (BMI)"),
    "55284-4": _("Blood pressure"),
    "85354-9": _("Blood pressure"),
    "8480-6": _("Blood pressure, upper number (systolic)"),
    "8462-4": _("Blood pressure, lower number (diastolic)"),
    "8867-4": _("Heart rate"),
    "9279-1": _("Breaths a minute"),
    "8310-5": _("Body temperature"),
    "8331-1": _("Body temperature"),
    "59408-5": _("Oxygen in the blood"),
    "2708-6": _("Oxygen in the blood"),
    "72514-3": _("Pain, from 0 to 10"),
    "72166-2": _("Smoking"),
    "2339-0": _("Blood sugar (glucose)"),
    "2345-7": _("Blood sugar (glucose)"),
    "4548-4": _("Blood sugar over three months (A1c)"),
    "2093-3": _("Cholesterol, total"),
    "18262-6": _("LDL cholesterol"),
    "13457-7": _("LDL cholesterol"),
    "2085-9": _("HDL cholesterol"),
    "2571-8": _("Triglycerides (blood fats)"),
    "6299-2": _("Urea nitrogen (kidneys)"),
    "3094-0": _("Urea nitrogen (kidneys)"),
    "38483-4": _("Creatinine (kidneys)"),
    "2160-0": _("Creatinine (kidneys)"),
    "33914-3": _("How well the kidneys filter (eGFR)"),
    "14959-1": _("Albumin in urine (kidneys)"),
    "49765-1": _("Calcium"),
    "17861-6": _("Calcium"),
    "2947-0": _("Sodium"),
    "2951-2": _("Sodium"),
    "6298-4": _("Potassium"),
    "2823-3": _("Potassium"),
    "2069-3": _("Chloride"),
    "2075-0": _("Chloride"),
    "20565-8": _("Carbon dioxide in the blood"),
    "2028-9": _("Carbon dioxide in the blood"),
    "718-7": _("Hemoglobin (red blood cells)"),
    "4544-3": _("Hematocrit (share of red blood cells)"),
    "20570-8": _("Hematocrit (share of red blood cells)"),
    "6690-2": _("White blood cells"),
    "789-8": _("Red blood cells"),
    "777-3": _("Platelets (blood clotting)"),
    "787-2": _("Size of red blood cells (MCV)"),
    "2885-2": _("Protein in the blood"),
    "1751-7": _("Albumin in the blood"),
    "1975-2": _("Bilirubin (liver)"),
    "6768-6": _("Alkaline phosphatase (liver and bones)"),
    "1742-6": _("ALT (liver)"),
    "1920-8": _("AST (liver)"),
    "2857-1": _("Prostate antigen (PSA)"),
    "3016-3": _("Thyroid hormone control (TSH)"),
    "41950-7": _("Steps in a day"),
}
UNITS: dict[str, Any] = {
    "mm[Hg]": "mm Hg",
    "[lb_av]": "lb",
    "[in_i]": "in",
    "Cel": "°C",
    "[degF]": "°F",
    "kg/m2": "kg/m²",
    "/min": _("a minute"),
    "{beats}/min": _("beats a minute"),
    "{score}": _("points"),
    "10*3/uL": _("thousand per µL"),
    "10*6/uL": _("million per µL"),
    "mL/min/{1.73_m2}": "mL/min/1.73 m²",
    "1": "",
}


def plain(system: str | None, code: str | None, said: str | None, known: str | None = None) -> str:
    """What to call a code: our plain name, the source's own words, the vocabulary's name, or the code as it is."""
    own = PLAIN.get(code or "") if system == LOINC else None
    told = _TAG.sub("", said or known or "")
    return str(own or told or code or _("Without a name"))


def unit(code: str | None) -> str:
    """A unit as people write it; an annotation in braces alone is no unit."""
    if code is None or code in UNITS:
        return str(UNITS.get(code or "", ""))
    return "" if code.startswith("{") and code.endswith("}") else code
