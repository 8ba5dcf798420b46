"""All real FHIR resources and their events, read once."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

import fhir_events as real  # noqa: E402


@pytest.fixture(scope="session")
def found(shared_data):
    return list(real.resources(shared_data))


@pytest.fixture(scope="session")
def events(found):
    return real.events(found)
