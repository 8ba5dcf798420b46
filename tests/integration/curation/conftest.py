import pytest

from tests.curated import World

INDEXED = {"test_release", "test_interruption"}
"""Files of tests that look at a release as a whole; the others look at its tables and what is said of them."""


@pytest.fixture
def world(transactional_db, home, request):
    return World(home, indexed=request.node.path.stem in INDEXED)
