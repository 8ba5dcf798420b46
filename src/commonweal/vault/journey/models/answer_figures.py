from django.db import models


class AnswerFigures(models.Model):
    """How all participants answered one question of a survey, as it was published: after the gate, never before it.

    Only added; the newest of a question is shown. `cutoff`: the first day of a month (UTC), whose start it counts up to.
    `known_at`: when it was counted, from which the people it counted can be found again. `people`: how many answered,
    rounded; `cells`: for each answer code its rounded number, or null where it is withheld. `several`: people may have
    chosen more than one answer. `taken_down_at`: it is shown no more.
    """

    survey = models.CharField(max_length=60)
    question = models.CharField(max_length=120)  # linkId
    cutoff = models.DateField()
    known_at = models.DateTimeField()
    people = models.IntegerField()
    rounded_to = models.IntegerField()
    several = models.BooleanField(default=False)
    cells = models.JSONField()
    taken_down_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["survey", "question", "cutoff"], name="answers_once_a_month")]


class AnswerRound(models.Model):
    """One look at a survey for one month: it is taken once, whatever came of it, so that no moment of a change shows."""

    survey = models.CharField(max_length=60)
    cutoff = models.DateField()
    looked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["survey", "cutoff"], name="a_round_a_month")]
