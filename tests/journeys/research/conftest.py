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


@pytest.fixture
def with_genomes(researcher):
    """Another release, with ancestries and variants, for as long as a test takes."""
    import shutil

    from django.conf import settings

    from tests import releases

    folder = releases.publish(settings.COMMONWEAL_HOME.releases, name="2027Q1R1", genome=True)
    yield "2027Q1R1/registered"
    shutil.rmtree(folder.parent)
