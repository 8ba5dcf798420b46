"""A database that is made anew and one that came by the steps in which the rooms grew have the same tables."""

import pytest
from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

STEPS = MigrationLoader(None, replace_migrations=False)
SQUASHED = {key: one.replaces for key, one in STEPS.disk_migrations.items() if one.replaces}


def unlike(loader, leaves):
    """What the models have and the migrations up to `leaves` have not, or the other way."""
    reached = loader.project_state(list(leaves))
    changes = MigrationAutodetector(reached, ProjectState.from_apps(apps)).changes(graph=loader.graph)
    return {app: [str(one) for step in steps for one in step.operations] for app, steps in changes.items()}


@pytest.mark.parametrize("replaced", [True, False], ids=["made anew", "by the steps"])
def test_both_ways_lead_to_the_tables_of_the_models(replaced):
    loader = MigrationLoader(None, replace_migrations=replaced)
    left_out = SQUASHED if not replaced else {one for steps in SQUASHED.values() for one in steps}
    assert unlike(loader, [leaf for leaf in loader.graph.leaf_nodes() if leaf not in left_out]) == {}


def test_the_two_ways_are_two():
    assert len(SQUASHED) > 5 and all(len(steps) > 1 for steps in SQUASHED.values())
