import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from curated import World  # noqa: E402


@pytest.fixture
def world(transactional_db, home):
    return World(home)
