from django.db import models


class QualityReport(models.Model):
    """That a report was made of one import of a site, which may hold several submissions; the report is a file.

    `number`: of the file in vault/reports. State: done; nothing, where no record was new; failed, where the examination
    broke off (the records are kept all the same). `headline`: the few figures that lists show.
    """

    site = models.CharField(max_length=60)
    number = models.IntegerField()
    made_at = models.DateTimeField()
    submissions = models.JSONField(default=list)  # numbers of those examined
    state = models.CharField(max_length=10)
    headline = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["site", "-id"])]
