"""Background work of consent: making the documents."""

from django_tasks import task

from commonweal.vault.consent import documents


@task()
def render_document(document_id: int) -> None:
    """Make one document; where that fails, `documents.render_waiting` tries again later."""
    documents.render(document_id)
