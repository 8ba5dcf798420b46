"""A day of the calendar that many people share by its true date tells all their shifts to whoever knows that day.

On the day on which a survey opens to everybody many answer it at once. Whoever bets that a person was among them, and
subtracts the date in the release from the day that was announced, has the shift as often as people answered on that day:
so no day may hold more than `SHARE` of those who answered a survey (decision record 0026).
"""

from commonweal.curation.checks.base import Check, Subject

SHARE = 0.2
MANY = 100  # people; of fewer, a day that some share by chance is no sign that was announced

_BUSIEST = """
WITH given AS (
    SELECT s.survey_source_value AS survey, s.person_id, s.survey_end_date::DATE + xw.shift::INTEGER AS day
    FROM rel_survey_conduct s JOIN xw ON xw.research_id = s.person_id
), days AS (SELECT survey, day, count(DISTINCT person_id) AS people FROM given GROUP BY ALL
), asked AS (SELECT survey, count(DISTINCT person_id) AS people FROM given GROUP BY ALL)
SELECT count(*) FROM (
    SELECT survey FROM days JOIN asked USING (survey)
    WHERE asked.people >= {many} GROUP BY survey, asked.people HAVING max(days.people) > {share} * asked.people
)"""


def common_days(subject: Subject) -> list[Check]:
    """The surveys with such a day, which must be none; true days are worked out from the shifts, as only the bridge can."""
    if "survey_conduct" not in subject.tables or not subject.rules.shifted:
        return [Check("privacy.common_days", 0)]
    return [Check("privacy.common_days", subject.number(_BUSIEST.format(many=MANY, share=SHARE)))]
