"""Saved cohorts: a name and its versions, each immutable and named by the digest of its definition."""

from django.db import transaction
from django.db.models import Max

from commonweal import audit
from commonweal.commons.cohort.cohort import Cohort
from commonweal.errors import BadInput
from commonweal.workbench.researchers.actions import actor
from commonweal.workbench.researchers.models import Researcher
from commonweal.workbench.studio.models import SavedCohort
from commonweal.workbench.studio.using import tell

MAX_NAME = 120


@transaction.atomic
def save_cohort(researcher: Researcher, name: str, cohort: Cohort) -> tuple[SavedCohort, bool]:
    """The version of this cohort's definition under this name, and whether it is new. Raises BadInput for no name."""
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME:
        raise BadInput(f"name: write one of 1 to {MAX_NAME} characters")
    release, definition = cohort.release, cohort.definition
    tell(actor(researcher), "cohort", cohort, definition.sha256)
    mine = SavedCohort.objects.filter(researcher=researcher, name=name)
    same = mine.filter(sha256=definition.sha256).first()
    if same is not None:
        return same, False
    version = (mine.aggregate(last=Max("version"))["last"] or 0) + 1
    saved = SavedCohort.objects.create(
        researcher=researcher,
        name=name,
        version=version,
        release=release.name,
        tier=release.tier,
        definition=definition.as_json(),
        sha256=definition.sha256,
    )
    audit.record("cohort.saved", actor=actor(researcher), subject=saved, version=version)
    return saved, True
