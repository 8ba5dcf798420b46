"""A data steward and a release, in a browser: asked for, watched, looked at, set beside the one before, published."""

import pytest
from django.utils import timezone

from commonweal.vault.staff.models import Bridge, ReleaseRequest
from tests import release_tellings, risk_reports
from tests.journeys.portal.test_staff import WAYS, log_in, staff

pytestmark = pytest.mark.django_db(transaction=True)


def the_bridge(**said):
    """What the bridge writes beside the open request."""
    ReleaseRequest.objects.filter(state__in=("asked", "working")).update(heartbeat=timezone.now(), **said)


@pytest.mark.parametrize(("language", "width"), WAYS)
def test_a_release_from_its_request_to_its_publication(visit, transactional_db, language, width):
    spanish, visitor = language == "es", visit(language, width)
    Bridge.objects.create(seen_at=timezone.now(), engines=["duckdb", "spark"])
    release_tellings.add("2026Q3R1", first=True)
    release_tellings.publish("2026Q3R1")
    log_in(visitor, staff("steward"))

    visitor.go("/staff/releases/")
    visitor.page.fill("[name=release]", "2026Q3R1")
    visitor.press("main form button")
    visitor.look("cannot-be-asked")
    assert ("nunca cambia" if spanish else "never changes") in visitor.text
    visitor.page.fill("[name=release]", "2026Q4R1")
    for tier in ("controlled", "public"):
        visitor.page.check(f"[value={tier}]")
    visitor.press("main form button")
    visitor.look("asked")

    now = timezone.now()
    done = release_tellings.stages(now, "facts", "surveys", "records", "wearables", "sorting", "rules", share=0.4)
    the_bridge(state="working", started_at=now, stages=done)
    visitor.page.get_by_text("40%").wait_for()
    visitor.look("watched")
    assert ("1 minuto" if spanish else "1 minute") in visitor.text
    release_tellings.add()
    risk_reports.add()
    the_bridge(state="done", finished_at=timezone.now(), progress=1.0)
    visitor.page.locator("a.button").wait_for()
    visitor.look("built")

    visitor.press("main a.button")
    for summary in visitor.page.locator("#registered ~ details summary").all():
        summary.click()
    visitor.look("release")
    visitor.press("a[href$='/difference/']")
    visitor.look("difference")
    visitor.press("main a[href$='2026Q4R1/']")
    visitor.page.check("[name=sure]")
    visitor.press("form[action$='/publish/'] button")
    the_bridge(state="done", progress=1.0)
    release_tellings.publish()
    visitor.go("/staff/releases/name/2026Q4R1/")
    visitor.look("published")
    assert visitor.page.locator("form[action$='/retract/']").count() == 1
