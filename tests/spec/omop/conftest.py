"""All real FHIR resources and their events, read once."""

import pytest

from tests import fhir_events as real


@pytest.fixture(scope="session")
def found(shared_data):
    return list(real.resources(shared_data))


@pytest.fixture(scope="session")
def events(found):
    return real.events(found)
