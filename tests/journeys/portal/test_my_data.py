"""My data on an old phone in Spanish and on a desk in English: every page with a real history, and taking it all away."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.utils import timezone

from tests import my_data as made

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = ("", "about-you/", "consents/", "answers/", "activity/", "sleep/", "sleep/?range=year", "heart/", "measurements/",
         "records/diagnoses/", "records/medicines/", "between-us/", "take/", "wrong/", "heart/leave-out/")  # fmt: skip


@pytest.fixture
def history(home, settings, shared_data):
    """history(language) -> somebody with devices, records and a survey; others' answers are published."""
    settings.COMMONWEAL_HOME = home
    cache.clear()

    def make(language):
        one = made.somebody(language)
        made.wear(one, shared_data)
        made.share_records(one, shared_data)
        made.answer(one, language, at=timezone.now() - timedelta(days=90))
        made.publish_others()
        return one

    return make


def log_in(visitor, one, language):
    cookies = {"portal_session": made.log_in(one.account).cookies["portal_session"].value, "portal_language": language}
    visitor.page.context.add_cookies([{"name": n, "value": v, "url": visitor.base} for n, v in cookies.items()])


@pytest.mark.parametrize(("language", "width", "scheme"), [("es", 320, "light"), ("en", 1440, "dark")])
def test_every_page_of_my_data(visit, history, language, width, scheme):
    visitor = visit(language, width, scheme)
    log_in(visitor, history(language), language)
    for path in PAGES:
        visitor.go(f"/data/{path}")
        visitor.look(path.replace("/", "-").replace("?", "") or "overview")
    visitor.go("/data/measurements/")
    visitor.press("main .held a:has-text('A1c')")
    visitor.page.locator("details.figures summary").click()
    visitor.look("a1c")
    visitor.go("/data/answers/")
    visitor.press("main .held a")
    visitor.page.locator("details summary").first.click()
    visitor.look("response")
    visitor.go("/data/activity/?range=week")
    visitor.page.locator("details.figures summary").first.press("Enter")
    visitor.look("week-with-its-table")
    visitor.go("/data/take/")
    visitor.press("button[value=pdf]")
    visitor.look("ready")
    with visitor.page.expect_download() as download:
        visitor.page.locator("#files a.button").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
