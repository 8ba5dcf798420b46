"""The report of a site's records in a browser: by staff of the site and by a steward, on a desk and on a phone."""

import pytest
from django.conf import settings

from tests import record_reports
from tests.journeys.portal.test_staff import WAYS, log_in, site, staff  # noqa: F401  (fixtures)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("language", "width"), WAYS)
def test_staff_read_how_good_their_records_are(visit, site, transactional_db, language, width):  # noqa: F811
    record_reports.add(settings.COMMONWEAL_HOME, site, 105, before=record_reports.examined(130))
    visitor = visit(language, width)
    log_in(visitor, staff("steward" if width == 320 else "site_staff", "" if width == 320 else site))
    visitor.go("/staff/records/")
    visitor.look("records")
    visitor.press("tbody a")
    visitor.page.eval_on_selector_all("details", "all => all.forEach((one) => { one.open = true; })")
    visitor.look("records-report")
    assert ("120" in visitor.text) == (width == 320)
