from django.db import models


class FigureRun(models.Model):
    """One bringing up to date of the figures: how many people were computed, how many places show new ones.

    The latest one names the folder, by its number, that the table of everybody lies in: it and the figures that were
    counted from it are new at one moment.
    """

    started_at = models.DateTimeField()
    everybody = models.BooleanField()
    people = models.IntegerField()
    places = models.IntegerField()
    seconds = models.FloatField()


class PlaceFigures(models.Model):
    """What may be shown of one place to those who may see it: after the gate, never before it. Working state.

    `level`: program, awardee, organisation, site, partner, state, county, release, study; `place`: its id there, empty for the program. `document`:
    see `figures.gate`. `counted_at`: as of when; it is counted anew once more people differ than the smallest cell.
    """

    level = models.CharField(max_length=12)
    place = models.CharField(max_length=60, blank=True)
    counted_at = models.DateTimeField()
    document = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "place"], name="figures_of_a_place")]


class PublishedFigures(models.Model):
    """What everybody may see of a place, from the start of a day (UTC) on. Only added; the latest day is shown."""

    level = models.CharField(max_length=12)
    place = models.CharField(max_length=60, blank=True)
    day = models.DateField()
    counted_at = models.DateTimeField()
    document = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "place", "day"], name="figures_of_a_place_and_day")]


class CountedStudy(models.Model):
    """Of whom a study's figures were last counted: it is counted anew once enough people have come to it. Working state.

    `place`: as in its figures; `uses`: how many of its uses were looked at; `members`: a portable Roaring bitmap of
    Participant.id, of those who were counted.
    """

    place = models.CharField(max_length=60, unique=True)
    uses = models.IntegerField()
    members = models.BinaryField()
