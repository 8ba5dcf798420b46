import pytest

from tests.curated import World

INDEXED = {"test_release", "test_interruption"}
"""Files of tests of what lies in a release, from its building to its end: all of it is there."""


@pytest.fixture
def world(transactional_db, home, request):
    return World(home, indexed=request.node.path.stem in INDEXED)
