"""Migrations in a fraction of the time: a model that is new is rendered alone.

For each new table Django renders all models anew that are related to it, and those related to these; here nearly every
table belongs to a participant, so that took five of the six seconds in which a new database is made. A model that was not
there before changes nothing of those that were, but what they know of it, and that it tells them itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.migrations.state import ModelState, ProjectState


@contextmanager
def new_models_alone() -> Iterator[None]:
    """While it lasts, migrations of this process run so; a model that is there already is rendered as Django does."""
    whole = ProjectState.add_model

    def add_model(state: ProjectState, model: ModelState) -> None:
        key = model.app_label, model.name_lower
        if "apps" not in state.__dict__ or key in state.models:  # not rendered yet, or not new
            return whole(state, model)
        apps = state.__dict__.pop("apps")
        try:
            whole(state, model)
        finally:
            state.__dict__["apps"] = apps
        apps.render_multiple([model])

    setattr(ProjectState, "add_model", add_model)  # noqa: B010
    try:
        yield
    finally:
        setattr(ProjectState, "add_model", whole)  # noqa: B010
