"""Where next in a real browser: an operator asks from the page, on a phone in Spanish and at a desk; nothing scrolls sideways."""

import pytest

from tests.journeys.portal.test_staff import log_in, site, staff  # noqa: F401  (fixtures)
from tests.plans import SMALL as PLAN
from tests.represented import MINORITY, RBR, join, own_folder, respond  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_folder")]


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("es", 390)])
def test_an_operator_asks_where_next(visit, site, language, width):  # noqa: F811
    respond(join("w", 130, site=site), RBR)
    respond(join("m", 60, site=site, language="es"), MINORITY)
    visitor = visit(language, width)
    log_in(visitor, staff("operator"))
    visitor.go("/staff/plan/")
    page = visitor.page
    assert 'id = "lakeshore-chicago"' in page.locator("#id_text").input_value()
    visitor.look(f"plan-{language}")
    page.locator("#id_text").fill("months = 600")
    visitor.press("main form button")
    assert "plan.toml:1" in page.locator(".summary").inner_text()
    visitor.look(f"plan-wrong-{language}")
    page.locator("#id_text").fill(PLAN.replace("months = 6", "months = 24"))
    visitor.press("main form button")
    page.eval_on_selector_all("details", "all => all.forEach((one) => { one.open = true; })")
    assert page.locator("figure.chart table").count() == page.locator("figure.chart").count() == 3
    visitor.look(f"plan-answer-{language}")
