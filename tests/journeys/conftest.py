"""A real browser on one of the sites, in English and Spanish, on an old phone and on a desk."""

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.journeys.visitor import Visitor

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's own loop runs beside Django's test client

# The same browser without its windows needs a third less of the processor.
_BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = os.environ.get("COMMONWEAL_CHROMIUM") or next(filter(None, map(shutil.which, _BROWSERS)), None)
ARGUMENTS = ("no-sandbox", "disable-gpu", "disable-background-networking", "disable-component-update", "disable-sync")


@pytest.fixture(scope="session")
def browser():
    if not CHROMIUM:
        pytest.skip("there is no chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = [f"--{name}" for name in (*ARGUMENTS, "no-first-run")]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


def _wrong(message) -> bool:
    """An error in the console; not the browser's remarks on what its page says: a form was overtaken, there is no network."""
    told = ("status of 409", "ERR_INTERNET_DISCONNECTED")
    return message.type == "error" and not any(part in message.text for part in told)


@pytest.fixture
def visit(browser, live_server) -> Iterator:
    """visit(language, width, scheme) -> Visitor with a session of their own."""
    contexts, errors = [], []

    def open_one(language: str = "en", width: int = 1440, scheme: str = "light") -> Visitor:
        height = 640 if width < 500 else 900
        context = browser.new_context(
            locale="es-US" if language == "es" else "en-US",
            viewport={"width": width, "height": height},
            color_scheme=scheme,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: errors.append(message.text) if _wrong(message) else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return Visitor(page, live_server.url, f"{language}-{width}-{scheme}")

    yield open_one
    for context in contexts:
        context.close()
    assert not errors, errors
