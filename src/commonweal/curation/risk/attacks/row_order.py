"""The order of rows: if people stand in the release in the order in which they joined, their places name them.

Who knows the order of joining (letters that were numbered, friends who signed up together) takes the n-th person in the
release for the n-th who joined. Defence: research ids are drawn, and rows stand in their order.
"""

from commonweal.curation.risk.attacks.base import Outcome, Scene

_PLACES = """
WITH told AS (SELECT person_id, row_number() OVER () AS place FROM rel_person),
here AS (SELECT person_id, place, row_number() OVER (ORDER BY place) AS told_place,
                row_number() OVER (ORDER BY arrived) AS joined_place FROM told JOIN risk_truth USING (person_id))
SELECT count(*), count(*) FILTER (told_place = joined_place) FROM here"""


def attack(scene: Scene) -> Outcome | None:
    """Right where the place is the same; one in all is, by chance."""
    if not scene.truth:
        return None
    targets, right = scene.numbers(_PLACES)
    return Outcome(targets, float(right), 1 / targets if targets else 0.0)
