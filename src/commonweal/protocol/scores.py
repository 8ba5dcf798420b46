"""The scores of a survey's instruments, from its answers: what staff may see by a plan, and what an export may carry.

A score is a number with the name of its scale and of its band, never the text of an answer. A scale that too many items are
missing for is left out.
"""

from collections.abc import Mapping
from typing import Any

from commonweal.protocol.survey_settings import Instrument, SurveySettings
from commonweal.r4 import scoring


def scores_of(
    questionnaire: Mapping[str, Any],
    answers: Mapping[str, list[dict[str, Any]]],
    settings: SurveySettings,
    instruments: Mapping[str, Instrument],
) -> list[scoring.Score]:
    """Scores in the order of `settings.instruments` and their scales.

    `questionnaire` is the FHIR R4 document of the version that was answered; `answers` by linkId, as `answers_of` gives.
    """
    values = scoring.values_of(questionnaire, answers)
    named = [instruments[name] for name in settings.instruments if name in instruments]
    found = [_score(one, scale, values) for one in named for scale in one.scales]
    return [score for score in found if score]


def _score(instrument: Instrument, settings: Any, values: scoring.Values) -> scoring.Score | None:
    try:
        return scoring.score(instrument.scale(settings), values)
    except ValueError:  # an option out of range: a survey that the checker would have refused
        return None
