"""The rule that needs no weighing: birth date, family and given name agree, and a record number, phone or street address.

Names are compared without case, accents and punctuation (contract: participants file). Sexes or record numbers that differ
speak against it; then the details are weighed. So they are where the birth date says little (`crowds`) and the record
number does not agree.
"""

from commonweal.r4.patients import PatientIdentity


def fits(patient: PatientIdentity, participant: PatientIdentity, *, crowded: bool = False) -> bool:
    """`crowded`: many were born on that day."""
    return (
        patient.birth_date is not None
        and patient.birth_date == participant.birth_date
        and not patient.families.isdisjoint(participant.families)
        and not patient.givens.isdisjoint(participant.full_givens)
        and _one_more_agrees(patient, participant)
        and not (crowded and patient.record_numbers.isdisjoint(participant.record_numbers))
        and not _against(patient, participant)
    )


def _one_more_agrees(patient: PatientIdentity, participant: PatientIdentity) -> bool:
    return not (
        patient.record_numbers.isdisjoint(participant.record_numbers)
        and patient.phones.isdisjoint(participant.phones)
        and patient.addresses.isdisjoint(participant.addresses)
    )


def _against(patient: PatientIdentity, participant: PatientIdentity) -> bool:
    """Twins of almost one name live at one address, and differ in their record numbers."""
    sexes = {patient.sex, participant.sex} - {""}
    numbers = patient.record_numbers and participant.record_numbers
    return len(sexes) > 1 or bool(numbers and patient.record_numbers.isdisjoint(participant.record_numbers))
