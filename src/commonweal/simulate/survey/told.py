"""What simulated people say in a survey, gathered from those who know: only what the survey asks is worked out."""

from collections.abc import Callable
from typing import Any

import numpy as np

from commonweal.simulate.draws import Draws
from commonweal.simulate.population import People
from commonweal.simulate.survey import blank, said
from commonweal.simulate.survey.access import access
from commonweal.simulate.survey.history import history
from commonweal.simulate.survey.said import Said
from commonweal.simulate.survey.social import checkin, exposures, social

Source = Callable[[Draws, People], dict[str, Said]]
SOURCES: tuple[Source, ...] = (said.basics, said.habits, access, social, exposures, checkin)


def told(draws: Draws, people: People, document: dict[str, Any]) -> dict[str, Said]:
    """Answers by linkId to the questions of a FHIR R4 Questionnaire, as far as they follow from who somebody is."""
    questions = [question for top in blank.read(document["item"]) for question in top.all()]
    links = {question.link for question in questions}
    nobody = people.take(np.zeros(0, dtype=int))
    found: dict[str, Said] = {}
    for source in SOURCES:
        if links & source(draws, nobody).keys():
            found |= source(draws, people)
    return found | history(draws, people, questions)
