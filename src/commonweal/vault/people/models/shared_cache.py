from django.db import models


class SharedCache(models.Model):
    """The table of Django's database cache: what all worker processes must know for a while, such as limits of attempts.

    Written by `django.core.cache` alone; it is a model so that `migrate` makes the table.
    """

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)
