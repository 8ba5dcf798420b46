"""The portal as somebody outside sees it: no account of theirs, and questions about those of others."""

import pytest


class Texts:
    """Stands for a provider of text messages; keeps what it was given."""

    sent: list[tuple[str, str]] = []

    def send(self, to, text, *, kind="", reference=""):
        self.sent.append((to, text))
        return "1"


@pytest.fixture(autouse=True)
def texts(settings):
    settings.SMS_BACKEND = f"{__name__}.Texts"
    Texts.sent.clear()
    return Texts.sent
