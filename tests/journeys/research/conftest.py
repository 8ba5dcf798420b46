"""A published release and a researcher for journeys on the research site."""

import pytest

PASSWORD = "a long pass phrase"


@pytest.fixture
def release_folder():
    from django.conf import settings

    from tests import releases

    folder = settings.COMMONWEAL_HOME.releases / "2026Q4R1" / "registered"
    return folder if folder.exists() else releases.publish(settings.COMMONWEAL_HOME.releases)


@pytest.fixture
def researcher(transactional_db, release_folder):
    from commonweal.workbench.researchers.actions import create_researcher

    return create_researcher("ada@example.org", PASSWORD, "Ada Byron", "Example University")
