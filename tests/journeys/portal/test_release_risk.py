"""The risk report of a release in a browser: on a desk and on a phone, in both languages."""

import pytest

from tests import risk_reports
from tests.journeys.portal.test_staff import WAYS, log_in, staff

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("language", "width"), WAYS)
def test_a_steward_reads_how_likely_it_is_that_somebody_is_found(visit, transactional_db, language, width):
    risk_reports.add(small=width == 320)
    visitor = visit(language, width)
    log_in(visitor, staff("steward"))
    visitor.go("/staff/releases/name/2026Q4R1/risk/")
    visitor.look("release-risk")
    assert ("Informe de riesgo" if language == "es" else "Risk report") in visitor.text
