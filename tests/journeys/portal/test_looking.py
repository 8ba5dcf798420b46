"""How journeys look at a page: what keeps people out is found, whatever else is not asked of it."""

import pytest

pytestmark = pytest.mark.django_db(transaction=True)
GREY = '<html lang="en"><title>A page</title><main><h1>Words</h1><p style="color: #ccc">Hardly to be read</p></main></html>'


def test_a_barrier_is_found(visit):
    visitor = visit()
    visitor.page.set_content(GREY)
    with pytest.raises(AssertionError, match="grey: .*color-contrast.*Hardly to be read"):
        visitor.look("grey")
    visitor.page.set_content(GREY.replace("#ccc", "#111"))
    visitor.look("black")
    visitor.page.set_content(GREY.replace("#ccc", "#111").replace(' lang="en"', ""))
    with pytest.raises(AssertionError, match="html-has-lang"):
        visitor.look("no language")
