"""Answers that would make a person stand out are made coarser (reference, section 3).

What becomes what is data of the program (privacy.toml: generalisations, number_limits). The columns of person and
person_ext follow the same map by a short list of what may stay.
"""

from commonweal.curation.rules.generalise import answers, as_given, person, states

RULES = (*answers.RULES, *person.RULES, *states.RULES)
CONTROLLED = (*answers.RULES, *as_given.RULES)

COLUMNS = frozenset(
    f"{topic}_{kind}"
    for topic in ("race", "ethnicity", "gender", "sex_at_birth", "state_of_residence")
    for kind in ("concept_id", "source_concept_id", "source_value")
)
"""The demographic columns that these rules see to; a column of that class which is not here has no rule."""
