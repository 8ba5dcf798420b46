"""What each rule of a release does and each check asks, in the reader's language; both sites tell it alike."""

from django.utils.translation import gettext, gettext_noop

RULES = {
    "quality.duplicate_ids": gettext_noop("One row for each id is kept."),
    "quality.dates": gettext_noop("Rows without a date, or with one that cannot be, are left out."),
    "quality.other_dates": gettext_noop("Other dates that cannot be are emptied."),
    "quality.before_birth": gettext_noop("Rows dated before the person's birth are left out."),
    "quality.end_before_start": gettext_noop("An end before its start is emptied, or set to the start."),
    "quality.ages": gettext_noop(
        "Rows dated before the person's birth, or more than 150 years after it, are left out."
    ),
    "quality.birth_year": gettext_noop("People born before 1900 or after the data cutoff are left out."),
    "quality.datetimes": gettext_noop("A time that is missing or of another day becomes the midnight of the date."),
    "quality.procedure_modifiers": gettext_noop("Procedure codes that only say how something was done are left out."),
    "quality.site_demographics": gettext_noop("What clinics recorded of race, ethnicity and gender is left out."),
    "quality.death_dates": gettext_noop("Deaths dated before 2017 or after the data cutoff are left out."),
    "quality.same_values": gettext_noop("Results of the same name become one concept."),
    "quality.drug_amounts": gettext_noop(
        "Prescriptions with more than 10 refills or for more than 180 days are left out."
    ),
    "quality.routes": gettext_noop("Where a row does not say how a drug is taken, the form of the drug does."),
    "quality.foreign_keys": gettext_noop("Links to visits that are not there, or are another person's, are emptied."),
    "quality.placeholders": gettext_noop("Numbers that stand for a missing result are left out."),
    "quality.only_zero": gettext_noop("Where a site sent nothing but 0 for a measurement, the 0 is emptied."),
    "quality.no_result": gettext_noop("Measurements without a result are left out."),
    "quality.measured_again": gettext_noop("Measurements that were sent more than once count once."),
    "quality.heights": gettext_noop("Heights of adults become centimeters; those that cannot be are left out."),
    "quality.weights": gettext_noop("Weights of adults become kilograms; those that cannot be are left out."),
    "quality.units": gettext_noop("Laboratory results are converted to one unit for each measurement."),
    "quality.no_concept": gettext_noop("Rows whose meaning is not known are left out."),
    "lifecycle.no_birth_date": gettext_noop("People whose birth date is not known are left out."),
    "lifecycle.minors": gettext_noop("People under 18 when they first agreed to take part are left out."),
    "lifecycle.very_old": gettext_noop("People who have reached the age cap (89) are left out."),
    "lifecycle.deactivated": gettext_noop(
        "What is dated after a person stopped is left out; what was given before stays."
    ),
    "lifecycle.after_death": gettext_noop("Rows dated more than 30 days after a person's death are left out."),
    "suppress.older_answers": gettext_noop("Where a question was answered again, the latest answer counts."),
    "suppress.unknown_questions": gettext_noop("Answers to questions that the vocabulary does not know are left out."),
    "suppress.questions": gettext_noop(
        "Fine groups of race, living situation, active duty, contacts and texts are left out."
    ),
    "suppress.concepts": gettext_noop("Events that others could know of, and so recognise a person by, are left out."),
    "suppress.cause_of_death": gettext_noop("Causes of death are emptied."),
    "generalise.answers": gettext_noop(
        "Answers on race, orientation, sex, gender, education and employment are made coarser."
    ),
    "generalise.repeats": gettext_noop("Of a person's answers that became the same, one stays."),
    "generalise.numbers": gettext_noop("Large households become groups; numbers that cannot be true are left out."),
    "generalise.race": gettext_noop("Race: White, Black, Asian, another single population, more than one, or none."),
    "generalise.ethnicity": gettext_noop("Ethnicity: Hispanic or not, or why it is not known."),
    "generalise.gender": gettext_noop("Gender: a man, a woman, or neither of these alone."),
    "generalise.sex": gettext_noop("Sex at birth: male, female, or neither of these."),
    "generalise.state": gettext_noop(
        "States with few participants, or other than where the records are, are not told."
    ),
    "text.answers": gettext_noop("Survey answers that are neither a choice nor a number are left out."),
    "text.free": gettext_noop("Every column that may hold free text is emptied."),
    "text.source_values": gettext_noop("A source value stays only where it is a known code."),
    "wearables.sleep_levels": gettext_noop("Stages of sleep that the field does not know are left out."),
    "wearables.words": gettext_noop("What a device writes stays only where it is the field's word for it."),
    "wearables.clock_change": gettext_noop(
        "On Sundays, what could show on which night clocks changed is left out or emptied, for everybody."
    ),
    "wearables.models": gettext_noop("Models of devices that few people have are not told."),
    "wearables.syncs": gettext_noop("A last sync that a clock never set has written is not told."),
    "wearables.devices": gettext_noop("Of each device only the newest row is told."),
    "identifiers.devices": gettext_noop("Each device gets a random number of its own."),
    "identifiers.indirect": gettext_noop("Providers, care sites and locations are emptied."),
    "identifiers.sources": gettext_noop("Sites are named by masked names."),
    "identifiers.links": gettext_noop("References to rows that the release does not hold are emptied."),
    "identifiers.persons": gettext_noop("Each person gets a random number that this tier alone uses."),
    "dates.birth": gettext_noop("Of the birth date only the year is left, and it is moved too."),
    "dates.trim": gettext_noop("What lies after the day that everybody's moved dates can reach is left out."),
    "dates.shift": gettext_noop("Every date is moved back by the person's own random number of days, 1 to 364."),
}

CHECKS = {
    "identifiers.scan": gettext_noop("No name, address, phone, e-mail or number of a person is in any file"),
    "consent.participate": gettext_noop("Everybody in it agreed to take part"),
    "consent.surveys": gettext_noop("Surveys only of people who agreed to share them"),
    "consent.ehr": gettext_noop("Health records only of people who agreed to share them"),
    "consent.wearables": gettext_noop("Wearable devices only of people who agreed to share them"),
    "wearables.clock_change": gettext_noop("No Sunday shows whether clocks changed on it"),
    "wearables.devices": gettext_noop("No device under its maker's number"),
    "wearables.days": gettext_noop("Each day of a device once"),
    "consent.test_people": gettext_noop("No made-up account"),
    "privacy.birth": gettext_noop("Of births nothing but the year"),
    "privacy.last_day": gettext_noop("No date after the last day that can be"),
    "privacy.free_text": gettext_noop("No free text"),
    "privacy.indirect": gettext_noop("No provider, care site or location"),
    "privacy.source_values": gettext_noop("No source value but known codes"),
    "privacy.research_ids": gettext_noop("Nobody without a research number"),
    "privacy.row_ids": gettext_noop("Row numbers say nothing of where rows came from"),
    "privacy.small_states": gettext_noop("No state with few participants"),
    "structure.columns": gettext_noop("Tables and columns as the standard has them"),
    "structure.unique_ids": gettext_noop("Each row number once"),
    "structure.persons": gettext_noop("No row of a person who is not there"),
    "structure.links": gettext_noop("No reference to a row that is not there"),
    "structure.required": gettext_noop("No required value missing"),
    "structure.concepts": gettext_noop("Every concept is in the vocabulary"),
    "structure.rows": gettext_noop("Every part of it counts the same rows"),
    "privacy.true_dates": gettext_noop("No date of anyone that was not moved"),
    "privacy.words": gettext_noop("No word of a device's owner"),
    "privacy.common_days": gettext_noop("No day that many share and everybody knows"),
    "privacy.files": gettext_noop("Nothing in its files but the rows"),
    "consent.tables": gettext_noop("No table without an agreement that it stands under"),
    "identifiers.numbers": gettext_noop("No number that is somebody's"),
    "quality.standardConceptRecordCompleteness": gettext_noop("Almost every row has a standard concept"),
    "quality.sourceConceptRecordCompleteness": gettext_noop("Almost every row has the source's concept"),
    "quality.sourceValueCompleteness": gettext_noop("Almost every code of a source leads to a concept"),
    "quality.isStandardValidConcept": gettext_noop("Concepts that are standard and valid"),
    "quality.fkDomain": gettext_noop("Concepts of the domain of their column"),
    "quality.measureValueCompleteness": gettext_noop("Columns are filled as far as expected"),
    "quality.measurePersonCompleteness": gettext_noop("Enough people have a row in each table"),
    "quality.measureConditionEraCompleteness": gettext_noop("An era for everyone with a condition"),
    "quality.measureObservationPeriodOverlap": gettext_noop("One observation period for each person"),
    "quality.plausibleValueLow": gettext_noop("No value too low to be believed"),
    "quality.plausibleValueHigh": gettext_noop("No value too high to be believed"),
    "quality.plausibleUnitConceptIds": gettext_noop("Units that fit what is measured"),
    "quality.plausibleGender": gettext_noop("Conditions and procedures that fit the person's sex"),
    "quality.plausibleStartBeforeEnd": gettext_noop("No end before its start"),
    "quality.plausibleAfterBirth": gettext_noop("No date before birth"),
    "quality.plausibleBeforeDeath": gettext_noop("No date long after death"),
    "quality.plausibleOldDates": gettext_noop("No date too old to be believed"),
    "drift.people": gettext_noop("About as many people as in the last release"),
    "drift.rows": gettext_noop("About as many rows as in the last release"),
    "drift.nulls": gettext_noop("Columns filled about as much as in the last release"),
    "drift.concepts": gettext_noop("Few concepts of the last release are gone"),
    "drift.means": gettext_noop("Means of common measurements as in the last release"),
    "reconcile.rows": gettext_noop("Rows in, less rows removed, are rows out"),
    "reconcile.answers": gettext_noop("Every survey answer that was given, once"),
    "files.intact": gettext_noop("Every file is as it was built"),
    "risk.limits": gettext_noop("Every limit on the risk is kept"),
    "risk.measured": gettext_noop("The risk was measured"),
    "public.tables": gettext_noop("Tables of counts as they are specified"),
    "public.numbers": gettext_noop("No small number, and none that is not rounded"),
    "public.true": gettext_noop("Every number is the true one, rounded up"),
    "public.source": gettext_noop("Made from the registered tier beside it"),
    "public.total": gettext_noop("About as many people as there are"),
}


def rule(rule_id: str, own: str) -> str:
    """What a rule does; `own` are the manifest's words."""
    return gettext(RULES[rule_id]) if rule_id in RULES else gettext(own)


def check(check_id: str) -> str:
    """What a check asks; its id where it is not known."""
    return gettext(CHECKS[check_id]) if check_id in CHECKS else check_id
