"""What people said to questions whose answers a tier makes coarser: of which they gave several answers, and which are at odds.

Makes, of the people of a part, `chosen` (their answers to such questions, but for older ones), `several` (person, id of the
generalisation) and `conflicts` (person, answer), which population.py tells of every person.
"""

from collections.abc import Iterable

from commonweal.curation.duck import quote
from commonweal.curation.findings.base import Known
from commonweal.protocol.privacy import TierPrivacy

_CHOSEN = """
CREATE OR REPLACE TEMP TABLE chosen AS
SELECT observation_id, person_id, observation_source_concept_id AS question, value_as_concept_id AS answer
FROM in_observation WHERE _source = 'PPI' AND observation_source_concept_id IN {questions}
  AND value_as_concept_id IS NOT NULL AND observation_id NOT IN (SELECT observation_id FROM earlier_observation WHERE p_older)
"""

_SEVERAL = """
SELECT person_id, {id} AS which FROM chosen WHERE question IN {questions} {among}
GROUP BY 1 HAVING count(DISTINCT answer) > 1"""

_CONFLICTS = """
SELECT DISTINCT a.person_id, a.answer FROM chosen a JOIN chosen b USING (person_id)
WHERE a.question IN {questions} AND a.answer = {answer} AND b.question = {when_question} AND b.answer = {when_answer}"""

_NO_SEVERAL = "SELECT 0::BIGINT AS person_id, '' AS which LIMIT 0"
_NO_CONFLICTS = "SELECT 0::BIGINT AS person_id, 0::BIGINT AS answer LIMIT 0"


def tell(known: Known) -> None:
    """Make the tables, beside `earlier_observation`: what was found in answers whatever the tier (looking.py)."""
    privacy = known.privacy
    asked = {q for g in privacy.generalisations for q in (*g.questions, *(c.when_question for c in g.conflicts))}
    known.con.execute(_CHOSEN.format(questions=_in(sorted(asked))))
    known.con.execute(f"CREATE OR REPLACE TEMP TABLE several AS {_several(privacy) or _NO_SEVERAL}")
    known.con.execute(f"CREATE OR REPLACE TEMP TABLE conflicts AS {_conflicts(privacy) or _NO_CONFLICTS}")


def _in(numbers: Iterable[int]) -> str:
    return f"({', '.join(str(int(n)) for n in numbers) or 'NULL'})"


def _several(privacy: TierPrivacy) -> str:
    return " UNION ALL ".join(
        _SEVERAL.format(
            id=quote(g.id),
            questions=_in(g.questions),
            among=f"AND answer IN {_in(g.several_of)}" if g.several_of else "",
        )
        for g in privacy.generalisations
        if g.several_becomes is not None
    )


def _conflicts(privacy: TierPrivacy) -> str:
    return " UNION ALL ".join(
        _CONFLICTS.format(questions=_in(g.questions), **c.model_dump())
        for g in privacy.generalisations
        for c in g.conflicts
    )
