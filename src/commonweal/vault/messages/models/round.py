from django.db import models


class Round(models.Model):
    """How far a look at everybody has come, so that a tick does a piece of it and the next goes on. Working state.

    `place`: people with vault ids up to here were looked at since `began_at`. `claimed_until`: a worker is at it until then,
    and the next may take it over afterwards.
    """

    name = models.CharField(max_length=40, unique=True)
    began_at = models.DateTimeField()
    place = models.BigIntegerField(default=0)
    ended = models.BooleanField(default=False)
    claimed_until = models.DateTimeField(null=True, blank=True)
