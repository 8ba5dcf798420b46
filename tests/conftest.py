"""One test session belongs to one zone, as one process does; tests of other zones stay out. `tests/run ZONE` starts one."""

import gc
import os
from pathlib import Path

import pytest
from django.utils import translation

ROOT = Path(__file__).resolve().parent.parent
ZONES = {
    "portal": {"vault", "portal", "records", "simulate"},
    "bridge": {"curation", "bridge"},
    "research": {"commons", "workbench", "atlas", "research"},
}
ZONE = os.environ.setdefault("COMMONWEAL_ZONE", "open")


def zone_of(path: Path) -> str:
    """The zone that a test folder or file belongs to, by the rooms its path names."""
    parts = {part.removeprefix("test_").removesuffix(".py") for part in path.relative_to(ROOT / "tests").parts}
    return next((zone for zone, rooms in ZONES.items() if parts & rooms), "open")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    zone = zone_of(collection_path)
    if collection_path.is_dir():  # with its conftest, which may import what only that zone may
        return True if zone not in ("open", ZONE) else None
    return zone != ZONE if collection_path.name.startswith("test_") else None


def pytest_configure() -> None:
    """Jobs run where they are enqueued, so that tests see what came of them; `queued_jobs` gives the real queue back.

    A password costs next to nothing, and an engine has one thread.
    """
    from tests import engines

    engines.hold_back()
    if ZONE != "open":
        from django.conf import settings

        settings.PASSWORD_HASHERS = ["tests.database.QuickHash"]
    if ZONE == "portal":
        settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}


def pytest_collection_finish() -> None:
    """What was imported stays: the search for garbage, a tenth of the time otherwise, need not walk it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_terminal_summary(terminalreporter) -> None:
    """Once, in the process that gathers what all workers tell."""
    from tests import failures

    failures.note(ZONE, [*terminalreporter.stats.get("failed", ()), *terminalreporter.stats.get("error", ())])


@pytest.fixture(autouse=True)
def own_language():
    """What a request of one test spoke stays with its thread; the next test is not to hear it."""
    yield
    if ZONE != "open":
        translation.deactivate()


@pytest.fixture
def many_threads(monkeypatch):
    """Call it: from then on engines have more threads than there are cores, of which what comes out must show nothing."""
    from commonweal import duck

    def begin():
        monkeypatch.setattr("tests.engines.threads", 4)
        duck.engine.cache_clear()

    yield begin
    duck.engine.cache_clear()


@pytest.fixture
def queued_jobs(settings):
    """The queue in the database, as it is in production; call it to run all jobs that wait (portal zone)."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    from commonweal.sites.portal.worker import jobs_worker

    return lambda: jobs_worker(batch=True).run()


@pytest.fixture(scope="session")
def django_db_setup(request, django_test_environment, django_db_blocker, django_db_modify_db_settings):
    """pytest-django's own, but that the migrations run once for many sessions, and a flush only empties."""
    from tests import database

    with django_db_blocker.unblock():
        made = database.set_up(request.config.cache.mkdir("databases"))
    yield
    with django_db_blocker.unblock():
        database.tear_down(made)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real public data beside the checkout; tests that need them skip where they are absent."""
    folder = Path(os.environ.get("COMMONWEAL_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the real data are not at {folder}")
    return folder


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A bare home of this test's own, in this session's zone (the Django database stays the session's)."""
    from commonweal.home import Home

    for part in ("vault/store", "research", "commons/releases", "protocol", "vocabulary"):
        (tmp_path / "home" / part).mkdir(parents=True, exist_ok=True)
    return Home.locate(tmp_path / "home")
