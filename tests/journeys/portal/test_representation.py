"""The pages of figures in a real browser: an old phone and a desktop, both languages; every chart has its table; nothing scrolls sideways."""

from datetime import date

import pytest
from django.utils import timezone
from pyroaring import BitMap

from commonweal.vault.representation.figures import rounds
from commonweal.vault.voice.models import ReleaseRoll
from tests.represented import MINORITY, RBR, join, own_folder, respond, used  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_folder")]
SITE = "lakeshore-chicago"


@pytest.fixture
def cohort():
    others, minorities = join("w", 150, site=SITE), join("m", 110, site=SITE, language="es")
    respond(others, RBR)
    respond(minorities, MINORITY)
    respond(join("s", 60, site="gulf-coast-houston", state="TX", zip="77002"), MINORITY)
    ReleaseRoll.objects.create(
        release="2026Q4R1", tier="registered", data_cutoff=date(2026, 10, 1), published_at=timezone.now(),
        members=BitMap([*others, *minorities]).serialize(),
    )  # fmt: skip
    used([*others[:90], *minorities[:80]])
    rounds.update()


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("es", 360)])
def test_everybody_can_read_who_takes_part(cohort, visit, language, width):
    visitor = visit(language, width)
    visitor.go("/")
    visitor.page.get_by_role(
        "link", name={"en": "See who takes part", "es": "Vea quiénes participan"}[language]
    ).click()
    visitor.look(f"representation-{language}")
    page = visitor.page
    assert page.locator("figure.chart").count() >= 5
    for chart in page.locator("figure.chart").all():
        assert chart.locator("table").count() >= 1
    page.locator("select#by").select_option("income")
    page.get_by_role("button", name={"en": "Show", "es": "Mostrar"}[language], exact=True).click()
    assert "by=income" in page.url
    page.locator("a[href$='/state/IL/']").first.click()
    visitor.look(f"representation-state-{language}")
    visitor.go(f"/representation/site/{SITE}/")
    visitor.look(f"representation-site-{language}")
    visitor.go("/representation/study/all/")
    visitor.look(f"representation-studies-{language}")
    page.locator("#places ~ ul a").first.click()
    visitor.look(f"representation-study-{language}")
    assert {"en": "From joining to research", "es": "De la inscripción a la investigación"}[language] in visitor.text
    visitor.go("/milestones/")
    visitor.look(f"milestones-{language}")
