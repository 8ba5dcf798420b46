"""Background work of wearables: archives that participants handed over."""

from django_tasks import task

from commonweal.vault.wearables import uploads


@task()
def take_upload(number: int) -> None:
    """Take one archive in; once it is done, a second time does nothing."""
    uploads.take_waiting(number)
