"""The portal's settings for e-mail and texts: read from addresses, refused in words where they are none."""

import pytest

from commonweal.errors import BadInput
from commonweal.sites.portal import mail


@pytest.mark.parametrize("url", ["", "https://texts.example/send", "http://127.0.0.1:8025/", "http://localhost:8025/"])
def test_texts_go_over_https_or_stay_on_this_machine(url):
    mail.check_sms(url)


@pytest.mark.parametrize(
    "url", ["http://texts.example/", "http://localhost.texts.example/", "http://127.0.0.1@texts.example/", "texts"]
)
def test_texts_go_nowhere_in_the_clear(url):
    with pytest.raises(BadInput, match="https"):
        mail.check_sms(url)


def test_an_address_of_e_mail_is_read_whole():
    read = mail.email("smtp://me%40here:p%2Fw@post.example?tls=starttls")
    assert (read["EMAIL_HOST"], read["EMAIL_PORT"], read["EMAIL_HOST_USER"]) == ("post.example", 587, "me@here")
    assert (read["EMAIL_HOST_PASSWORD"], read["EMAIL_USE_TLS"], read["EMAIL_USE_SSL"]) == ("p/w", True, False)
    assert mail.email("smtp://post.example:2525")["EMAIL_PORT"] == 2525
    assert mail.email("")["EMAIL_BACKEND"].endswith(".Outbox")


@pytest.mark.parametrize(
    "url", ["post.example", "http://post.example", "smtp://", "smtp://post.example:many", "smtp://post.example?tls=yes"]
)
def test_what_is_no_address_of_e_mail_is_said(url):
    with pytest.raises(BadInput, match="write it as"):
        mail.email(url)
