"""What every fact of the vault carries. Facts are only added: a correction is a new fact that supersedes the old one."""

from typing import Any

from django.db import models


class FactQuerySet(models.QuerySet[Any]):
    """Facts can be added and read; to change or delete many of them through the ORM is refused as for one."""

    def update(self, **kwargs: Any) -> int:
        raise TypeError(f"{self.model.__name__} holds facts: they are never changed, only superseded by others")

    def delete(self) -> Any:
        raise TypeError(f"{self.model.__name__} holds facts: they are never deleted")


class Added(models.Model):
    """What is only added, whatever it is about."""

    objects = FactQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(f"{type(self).__name__} is a fact: it is never changed, only superseded by another")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(f"{type(self).__name__} is a fact: it is never deleted")


class Fact(Added):
    """An immutable record of something that happened to, or was said by, one participant.

    `event_time`: when it happened or began to hold; `authored_time`: when it was said or written down;
    `received_time`: when this program got it (all UTC). `source`: the door it came through (portal, import, simulation,
    staff, a site). `idempotency_key`: the same key a second time is the same fact.
    """

    event_time = models.DateTimeField()
    authored_time = models.DateTimeField()
    received_time = models.DateTimeField(db_index=True)
    source = models.CharField(max_length=40)
    idempotency_key = models.CharField(max_length=80, unique=True)
    supersedes = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True
