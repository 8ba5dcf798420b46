"""The page that shows every part once: read by everybody, on a phone and on a desk, in both languages and lights."""

import pytest

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("language", "width", "scheme"), [("en", 1440, "light"), ("es", 360, "dark")])
def test_every_part(visit, settings, language, width, scheme):
    settings.DEBUG = True
    visitor = visit(language, width, scheme)
    visitor.go("/ui/")
    for summary in visitor.page.locator("details.figures > summary").all():
        summary.click()
    visitor.look("parts")
    visitor.page.focus("svg.map a >> nth=3")
    tiles = visitor.page.evaluate(
        "[...document.querySelectorAll('svg.map .tile')].map((tile) => tile.getBoundingClientRect().width)"
    )
    assert len(tiles) == 56 and min(tiles) >= 28
    named = visitor.page.get_by_role("link", name="Texas: ")
    assert named.count() == 1 and named.get_attribute("href") == "#TX"
