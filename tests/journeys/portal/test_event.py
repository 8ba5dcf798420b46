"""An event without a network: the page opens, keeps what is noted, and sends it once, whatever breaks in between."""

import time

import pytest
from django.conf import settings
from django.test import Client

from commonweal.ui.context import current_protocol
from commonweal.vault.people.models import Account
from commonweal.vault.staff import roles
from commonweal.vault.support.models import HelpRequest, OfflineEntry

pytestmark = pytest.mark.django_db(transaction=True)
PASSPHRASE = "a heron in the reeds"


@pytest.fixture
def staff(transactional_db, monkeypatch):
    monkeypatch.setattr(settings, "DEMONSTRATION", True)
    account = Account.objects.create_user("staff@example.org", "seven quiet herons")
    roles.give(account, "site_staff", next(iter(current_protocol().sites)))
    return account


def log_in(visitor, account):
    client = Client()
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    visitor.page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": visitor.base}])


@pytest.fixture
def at_event(visit, staff):
    def open_page(language="en", width=320):
        visitor = visit(language, width)
        log_in(visitor, staff)
        visitor.go("/staff/event/")
        page = visitor.page
        page.wait_for_selector("#kept:not([hidden])")
        visitor.look("event-begin")
        page.fill("#new_passphrase", PASSPHRASE)
        page.fill("#new_passphrase_again", PASSPHRASE)
        page.click("#begin button")
        page.wait_for_selector("#work:not([hidden])")
        return visitor

    return open_page


def until(page, true, seconds=10):
    """Wait for something to be true; Playwright's own way would need `eval`, which the page forbids."""
    end = time.monotonic() + seconds
    while not page.evaluate(true):
        assert time.monotonic() < end, true
        page.wait_for_timeout(50)


def note(page, name="Ann", **more):
    page.click("summary >> nth=0")
    for field, value in {"given_name": name, "phone": "312-555-0142", **more}.items():
        page.fill(f"#interest_{field}", value)
    page.click("form[data-kind=interest] button")
    until(page, "!document.querySelector('form[data-kind=interest]').closest('details').open")


def reopen(page):
    page.fill("#passphrase", PASSPHRASE)
    page.click("#open button")
    page.wait_for_selector("#work:not([hidden])")


def waiting(page):
    return page.inner_text("#waiting")


def send(page):
    page.click("#send")
    until(page, "/[^…]$/.test(document.getElementById('said').textContent)")
    return page.inner_text("#said")


@pytest.mark.parametrize("language", ["en", "es"])
def test_noted_offline_kept_over_a_reload_and_sent_when_there_is_a_network(at_event, language):
    visitor = at_event(language)
    page = visitor.page
    page.context.set_offline(True)
    page.reload()
    visitor.look("event-offline-locked")
    reopen(page)
    note(page)
    note(page, "José")
    visitor.look("event-offline-noted")
    page.close()  # somebody closes it: nothing is lost
    page = visitor.page = visitor.page.context.new_page()
    visitor.go("/staff/event/")
    page.wait_for_selector("#open:not([hidden])")
    assert waiting(page) == "2"
    reopen(page)
    assert "José" in page.inner_text("#entries")
    page.context.set_offline(False)
    send(page)
    assert waiting(page) == "0"
    visitor.look("event-sent")
    assert sorted(HelpRequest.objects.values_list("contact_name", flat=True)) == ["Ann", "José"]


def test_an_answer_that_is_lost_on_the_way_makes_nothing_twice(at_event):
    page = at_event().page
    note(page)

    def swallow(route):
        whole = route.fetch()  # the server takes it; of its answer only half arrives
        route.fulfill(response=whole, body=whole.body()[:20])

    page.route("**/staff/event/send/", swallow)
    assert "Nothing was lost" in send(page)
    assert waiting(page) == "1" and HelpRequest.objects.count() == 1
    page.unroute("**/staff/event/send/")
    assert "1 there already" in send(page)
    assert waiting(page) == "0" and HelpRequest.objects.count() == 1


def test_a_rejected_entry_stays_and_is_corrected(at_event):
    visitor = at_event()
    page = visitor.page
    page.click("summary >> nth=0")
    page.fill("#interest_given_name", "Ann")
    page.click("form[data-kind=interest] button")
    page.wait_for_selector("#entries li")
    assert "1 to correct" in send(page)
    assert waiting(page) == "1" and "phone number" in page.inner_text("#entries")
    visitor.look("event-rejected")
    page.click("#entries button >> nth=0")
    page.fill("#interest_phone", "312-555-0142")
    page.click("form[data-kind=interest] button")
    until(page, "!document.querySelector('#entries .error')")
    assert "1 taken" in send(page)
    assert OfflineEntry.objects.get().outcome == "accepted"


def test_what_is_corrected_while_it_is_sent_stays_on_the_device(at_event):
    page = at_event().page
    note(page)
    held = []
    page.route("**/staff/event/send/", lambda route: held.append(route))
    page.click("#send")
    page.wait_for_timeout(1000)
    page.click("#entries button >> nth=0")
    page.fill("#interest_phone", "312-555-0199")
    page.click("form[data-kind=interest] button")
    held[0].continue_()
    until(page, "document.getElementById('said').textContent.includes('taken')")
    assert HelpRequest.objects.get().contact == "312-555-0142"
    assert waiting(page) == "1"  # the corrected one, which the server does not know
    page.unroute("**/staff/event/send/")
    assert "1 to correct" in send(page)
    assert "Write a new one" in page.inner_text("#entries")


def test_another_tab_does_not_lock_over_what_is_kept(at_event):
    visitor = at_event()
    page = visitor.page
    page.click("#forget summary")
    page.check("#forget_sure")
    page.click("#forget button")
    page.wait_for_selector("#begin:not([hidden])")
    other = page.context.new_page()
    other.goto(f"{visitor.base}/staff/event/")
    other.wait_for_selector("#begin:not([hidden])")
    for tab, phrase in ((page, PASSPHRASE), (other, "another phrase altogether")):
        tab.fill("#new_passphrase", phrase)
        tab.fill("#new_passphrase_again", phrase)
        tab.click("#begin button")
        tab.wait_for_selector("#begin", state="hidden")
    note(page)
    page.reload()
    page.wait_for_selector("#open:not([hidden])")
    reopen(page)
    assert "Ann" in page.inner_text("#entries")
    assert other.is_hidden("#work") and other.is_visible("#open")


def test_a_correction_that_is_left_changes_no_other_entry(at_event):
    page = at_event().page
    note(page)
    page.click("#entries button >> nth=0")
    page.click("summary >> nth=0")
    note(page, "José")
    assert waiting(page) == "2" and "Ann" in page.inner_text("#entries")


def test_entries_survive_a_log_out_and_are_sent_after_a_fresh_log_in(at_event, staff):
    visitor = at_event()
    page = visitor.page
    note(page)
    page.context.clear_cookies()
    assert "not logged in" in send(page)
    assert waiting(page) == "1"
    log_in(visitor, staff)
    assert "1 taken" in send(page)
    assert HelpRequest.objects.count() == 1


def test_what_is_kept_cannot_be_read_without_the_passphrase(at_event):
    visitor = at_event()
    page = visitor.page
    note(page, "Guadalupe")
    kept = page.evaluate(
        """() => new Promise(good => { const asked = indexedDB.open('commonweal-event');
        asked.onsuccess = () => { const all = asked.result.transaction('entries').objectStore('entries').getAll();
        all.onsuccess = () => good(all.result.map(one => new TextDecoder('latin1').decode(one.data)).join('')); }; })"""
    )
    assert kept and "Guadalupe" not in kept and "312-555" not in kept
    page.reload()
    page.fill("#passphrase", "another phrase altogether")
    page.click("#open button")
    page.wait_for_selector("#said.bad")
    assert page.is_hidden("#work")
    assert waiting(page) == "1"
    assert "Guadalupe" not in page.content()
