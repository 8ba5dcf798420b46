import pytest

from tests.curated import World


@pytest.fixture
def world(transactional_db, home):
    return World(home)
