"""Plain text of a protocol becomes paragraphs and lists, and never markup of its own."""

import pytest

from commonweal.ui.prose import paragraphs


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One.", "<p>One.</p>"),
        ("One\ntwo.\n\nThree.", "<p>One two.</p><p>Three.</p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("Take:\n- a\n- b\nThen go.", "<p>Take:</p><ul><li>a</li><li>b</li></ul><p>Then go.</p>"),
        ("", ""),
        ("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>"),
        ("- <b>", "<ul><li>&lt;b&gt;</li></ul>"),
    ],
)
def test_paragraphs(text, html):
    assert paragraphs(text) == html
