"""A published release of 2,000 people in the session's home, and a researcher who may study it."""

import pytest

NAME, TIER = "2026Q4R1", "registered"
PASSWORD = "a long pass phrase"


@pytest.fixture(scope="session")
def release_folder():
    from django.conf import settings

    from tests import releases

    folder = settings.COMMONWEAL_HOME.releases / NAME / TIER
    return folder if folder.exists() else releases.publish(settings.COMMONWEAL_HOME.releases, name=NAME)


@pytest.fixture
def researcher(db):
    from commonweal.workbench.researchers.actions import create_researcher

    return create_researcher("ada@example.org", PASSWORD, "Ada Byron", "Example University")


@pytest.fixture
def logged_in(client, researcher, release_folder):
    client.force_login(researcher, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
