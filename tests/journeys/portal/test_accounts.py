"""The keys of an account in a real browser: codes, a passkey, an app, a new password; all pages as people see them."""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from commonweal.vault.people.accounts import open_account
from commonweal.vault.people.actions import register
from commonweal.vault.people.models import Account
from tests.journeys.steps import PASSWORD, newest_code

pytestmark = pytest.mark.django_db(transaction=True)

BOTH = pytest.mark.parametrize(("language", "width"), [("en", 1440), ("es", 320)])
SENT: list[str] = []


class Texts:
    def send(self, to, text, *, kind="", reference=""):
        SENT.append(text)
        return "1"


@pytest.fixture(autouse=True)
def texts(settings):
    settings.SMS_BACKEND = f"{__name__}.Texts"
    SENT.clear()


def somebody(language="en"):
    account, _ = open_account("ines@example.org", PASSWORD, language=language)
    register(account, language=language)


def log_in(visitor, name="ines@example.org", password=PASSWORD):
    visitor.go("/accounts/login/")
    visitor.page.fill("[name=login]", name)
    visitor.page.fill("[name=password]", password)
    visitor.press("main form button")


def log_out(visitor):
    visitor.press("header form[action$='/logout/'] button")


def confirm_it_is_me(visitor):
    if "reauthenticate" in visitor.page.url:
        visitor.look("is-it-you")
        visitor.page.fill("[name=password]", PASSWORD)
        visitor.press("main form button")


def with_a_key(visitor):
    """An authenticator inside the browser that says yes, as a phone's fingerprint would."""
    devtools = visitor.page.context.new_cdp_session(visitor.page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@BOTH
def test_joining_by_phone(visit, language, width):
    visitor = visit(language, width)
    visitor.go("/accounts/signup/")
    visitor.press("main a[href$='by=phone']")
    visitor.look("sign-up-by-phone")
    visitor.page.fill("[name=phone]", "123")
    visitor.page.fill("[name=password1]", PASSWORD)
    visitor.press("main form button")
    visitor.look("sign-up-no-such-number")
    visitor.page.fill("[name=phone]", "312-555-0142")
    visitor.page.fill("[name=password1]", PASSWORD)
    visitor.press("main form button")
    visitor.look("phone-code")
    visitor.page.fill("[name=code]", "1111 1111")
    visitor.press("main form button")
    visitor.look("phone-code-wrong")
    visitor.page.fill("[name=code]", re.search(r"\d{4}-\d{4}", SENT[-1])[0])
    visitor.press("main form button")
    assert visitor.page.url.endswith("/eligibility/")
    assert Account.objects.get().phone == "+13125550142"


@BOTH
def test_a_passkey_is_added_and_logs_in(visit, language, width):
    somebody(language)
    visitor = visit(language, width)
    with_a_key(visitor)
    log_in(visitor)
    visitor.go("/security/")
    visitor.look("security")
    visitor.press("main a[href$='/webauthn/add/']")
    confirm_it_is_me(visitor)
    visitor.look("add-a-passkey")
    visitor.page.fill("[name=name]", "Teléfono")
    visitor.press("main form[data-passkey] button")
    assert visitor.page.url.endswith("/recovery-codes/")
    visitor.look("recovery-codes")
    visitor.go("/accounts/2fa/webauthn/")
    visitor.look("my-passkeys")
    visitor.press("main a[href$='/edit/']")
    visitor.look("rename-a-passkey")
    visitor.go("/accounts/2fa/webauthn/")
    visitor.press("main a[href$='/remove/']")
    visitor.look("remove-a-passkey")
    log_out(visitor)

    visitor.go("/accounts/login/?next=/security/")
    visitor.look("log-in-with-a-passkey")
    with visitor.page.expect_navigation(url="**/security/"):
        visitor.page.locator("form[data-passkey] button").click()
    assert "Teléfono" not in visitor.text
    log_out(visitor)

    log_in(visitor)  # with the password: the passkey is the second step
    assert visitor.page.url.endswith("/authenticate/")
    visitor.look("second-step-passkey")
    with visitor.page.expect_navigation(url="**/home/"):
        visitor.page.locator("form[data-passkey] button").click()


def test_a_passkey_that_says_no_is_told_in_words(visit):
    somebody()
    visitor = visit("en", 320)
    with_a_key(visitor)  # it holds no key of ours
    visitor.go("/accounts/login/")
    visitor.page.locator("form[data-passkey] button").click()
    visitor.page.get_by_text("Nothing came back from your passkey").wait_for()
    visitor.look("no-passkey-here")


def digits(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@BOTH
def test_an_app_is_set_up_and_asked_for(visit, language, width):
    somebody(language)
    visitor = visit(language, width)
    log_in(visitor)
    visitor.go("/accounts/2fa/")
    visitor.look("second-step-choice")
    visitor.press("main a[href$='/totp/activate/']")
    confirm_it_is_me(visitor)
    visitor.look("set-up-an-app")
    secret = visitor.page.inner_text("code.secret").strip()
    visitor.page.fill("[name=code]", "000000")
    visitor.press("main form button")
    visitor.look("set-up-an-app-wrong")
    assert visitor.page.inner_text("code.secret").strip() == secret
    visitor.page.fill("[name=code]", digits(secret))
    visitor.press("main form button")
    codes = visitor.page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    visitor.go("/accounts/2fa/recovery-codes/generate/")
    visitor.look("new-recovery-codes")
    visitor.go("/accounts/2fa/totp/deactivate/")
    visitor.look("stop-using-the-app")
    visitor.go("/accounts/2fa/")
    visitor.look("second-step-in-use")
    log_out(visitor)
    log_in(visitor)
    visitor.look("second-step")
    visitor.page.fill("[name=code]", "999999")
    visitor.press("main form button")
    visitor.look("second-step-wrong")
    visitor.page.fill("[name=code]", codes[0])
    visitor.press("main form button")
    visitor.go("/security/")
    visitor.look("security-with-second-step")


@BOTH
def test_a_new_password_and_other_changes(visit, language, width):
    somebody(language)
    visitor = visit(language, width)
    page = visitor.page
    visitor.go("/accounts/login/")
    visitor.press("main a[href$='/password/reset/']")
    visitor.look("new-password")
    page.fill("[name=email]", "not an address")
    visitor.press("main form button")
    visitor.look("new-password-wrong")
    page.fill("[name=email]", "ines@example.org")
    visitor.press("main form button")
    visitor.look("new-password-code")
    page.fill("[name=code]", newest_code())
    visitor.press("main form button")
    visitor.look("choose-a-password")
    for name in ("password1", "password2"):
        page.fill(f"[name={name}]", "eight loud herons now")
    visitor.press("main form button")
    visitor.look("new-password-saved")
    log_in(visitor, password="wrong herons, all of them")
    visitor.look("log-in-wrong")
    log_in(visitor, password="eight loud herons now")

    visitor.go("/accounts/password/change/")
    visitor.look("change-password")
    visitor.go("/accounts/sessions/")
    visitor.look("sessions")
    for address, name, value in (
        ("/accounts/email/", "email", "ines.nueva@example.org"),
        ("/accounts/phone/change/", "phone", "312-555-0143"),
    ):
        visitor.go(address)
        visitor.look(f"change-{name}")
        page.fill(f"[name={name}]", value)
        visitor.press("main form button")
        if "reauthenticate" in page.url:
            page.fill("[name=password]", "eight loud herons now")
            visitor.press("main form button")
        visitor.look(f"change-{name}-code")
        page.fill("[name=code]", newest_code() if name == "email" else re.search(r"\d{4}-\d{4}", SENT[-1])[0])
        visitor.press("main form button")
        visitor.look(f"changed-{name}")
    account = Account.objects.get()
    assert (account.email, account.phone) == ("ines.nueva@example.org", "+13125550143")


@BOTH
def test_too_many_attempts(visit, browser, live_server, language, width, settings):
    """In a window of its own: the browser's console notes the refusal as an error, as it should."""
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"reset_password": "0/m/ip"}
    context = browser.new_context(locale=f"{language}-US", viewport={"width": width, "height": 640})
    visitor = type(visit(language, width))(context.new_page(), live_server.url, f"{language}-{width}-limit")
    visitor.go("/accounts/password/reset/")
    visitor.page.fill("[name=email]", "ines@example.org")
    visitor.press("main form button")
    visitor.look("too-many-attempts")
    context.close()


def test_without_scripts_all_but_passkeys_work(browser, live_server):
    somebody()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/accounts/login/")
    assert page.locator("form[data-passkey]").is_hidden()
    page.fill("[name=login]", "ines@example.org")
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button").first.click()
    page.goto(f"{live_server.url}/accounts/2fa/webauthn/add/")
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button").first.click()
    assert "Passkeys need scripts" in page.inner_text("main")
    context.close()
