from typing import Any

from django.db import models


class AppendedQuerySet(models.QuerySet[Any]):
    """Rows can be added and read; to change or delete them through the ORM is refused."""

    def update(self, **kwargs: Any) -> int:
        raise TypeError("the audit is append-only: its rows are never changed")

    def delete(self) -> Any:
        raise TypeError("the audit is append-only: its rows are never deleted")


class Appended(models.Model):
    objects = AppendedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("the audit is append-only: its rows are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("the audit is append-only: its rows are never deleted")
