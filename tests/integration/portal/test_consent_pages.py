"""Consent pages through HTTP: reading, understanding, signing, two tabs, superseded words, copies, and who may see them."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from commonweal import protocol as protocols
from commonweal.audit.models import Event
from commonweal.ui import context
from commonweal.vault.consent import documents
from commonweal.vault.consent.grants import scopes_in_force
from commonweal.vault.consent.models import ConsentAnswer, ConsentDocument, Signature, Understanding
from commonweal.vault.people import actions as people

pytestmark = pytest.mark.django_db(transaction=True)
STROKE = "M10 20L200 30.5L400 180"
NAME = "Inés Rivera"


@pytest.fixture
def read(protocol):
    """read(client, module, form="", language="en") -> the text, every screen opened and its questions answered."""

    def read(client, module, form="", language="en"):
        text = protocol.consents[module].current.form(form).texts[language]
        for number in range(1, len(text.screens) + 1):
            assert client.get(reverse("consent_screen", args=[module, number])).status_code == 200
        if text.questions:
            client.post(reverse("consent_check", args=[module]), {q.id: q.correct for q in text.questions})
        return text

    return read


@pytest.fixture
def sign():
    """sign(client, module, text, answer="yes", …) -> the response."""

    def sign(client, module, text, answer="yes", follow=False, **more):
        told = {"answer": answer, "content_sha256": text.sha256, "signed_name": NAME if answer == "yes" else ""}
        return client.post(reverse("consent_sign", args=[module]), told | more, follow=follow)

    return sign


@pytest.fixture
def another_program(tmp_path, monkeypatch):
    """another_program(change) -> the portal shows a copy of the default program after `change(folder)`."""
    number = iter(range(100))

    def show(change):
        folder = tmp_path / f"program{next(number)}"
        shutil.copytree(context.current_protocol().folder, folder)
        change(folder)
        assert protocols.check(folder) == []
        loaded = protocols.load(folder)
        for name in (
            "answering",
            "documents",
            "showing",
            "views.module",
            "views.signing",
            "views.documents",
            "views.media",
        ):
            place = f"commonweal.vault.consent.{name}.current_protocol"
            monkeypatch.setattr(place, lambda: loaded, raising=False)
        monkeypatch.setattr("commonweal.vault.people.steps.current_protocol", lambda: loaded)
        monkeypatch.setattr("commonweal.vault.journey.views.mine.current_protocol", lambda: loaded)
        return loaded

    return show


def second_version(folder):
    """Health records, version 2: one screen says something else, and why."""
    module = folder / "consents/ehr"
    for language in ("en", "es"):
        words = (module / f"v1.{language}.md").read_text()
        words = words.replace("from time to time", "each month").replace("De vez en cuando", "Cada mes")
        (module / f"v2.{language}.md").write_text(words)
    more = '\n[[versions]]\nversion = "2"\nreconsent = true\nwhy = { en = "We now get copies each month.", es = "Ahora." }\n'
    (module / "module.toml").write_text((module / "module.toml").read_text() + more)


# --- reading and understanding ------------------------------------------------------------------------------------------


def test_words_of_the_glossary_are_explained_below_the_text_without_scripts(person, as_person, protocol):
    page = as_person(person("profile")).get(reverse("consent_screen", args=["primary", 2])).content.decode()
    number = list(protocol.glossary["en"]).index("DNA") + 1
    assert f'<a class="term" id="used-{number}" href="#word-{number}">DNA</a>' in page
    assert f'<details id="word-{number}"' in page
    assert protocol.glossary["en"]["DNA"] in page.replace("&#x27;", "'")


def test_each_attempt_at_the_questions_is_kept(person, as_person, protocol, read):
    one = person("profile")
    client = as_person(one)
    text = protocol.consents["primary"].current.texts["en"]
    for number in range(1, len(text.screens) + 1):
        client.get(reverse("consent_screen", args=["primary", number]))
    first = text.questions[0]
    wrong = next(option.id for option in first.options if option.id != first.correct)
    right = {question.id: question.correct for question in text.questions}
    check = reverse("consent_check", args=["primary"])
    client.post(check, {first.id: wrong})  # the others left open
    client.post(check, right | {first.id: "zz"})  # no such option
    client.post(check, right)
    kept = [(u.question, u.chosen, u.correct) for u in Understanding.objects.filter(participant=one).order_by("id")]
    others = [(q.id, q.correct, True) for q in text.questions[1:]]
    assert kept == [(first.id, wrong, False), *others, (first.id, first.correct, True), *others]
    assert {u.content_sha256 for u in Understanding.objects.all()} == {text.sha256}
    assert Event.objects.filter(action="consent.questions").count() == 3


def test_a_film_is_shown_with_captions_where_the_program_has_one(person, as_person, another_program):
    def add(folder):
        (folder / "consents/primary/film.mp4").write_bytes(bytes(range(200)))
        (folder / "consents/primary/film.vtt").write_text("WEBVTT\n")
        file = folder / "consents/primary/module.toml"
        file.write_text(
            file.read_text().replace("onboarding", 'video = { en = "film.mp4", es = "film.mp4" }\nonboarding')
        )

    client = as_person(person("profile"))
    first = reverse("consent_screen", args=["primary", 1])
    assert "<video" not in client.get(first).content.decode()
    assert client.get(reverse("consent_video", args=["primary", "en"])).status_code == 404
    another_program(add)
    page = client.get(first).content.decode()
    assert "<video" in page and 'kind="captions"' in page
    assert "<video" not in client.get(reverse("consent_screen", args=["primary", 2])).content.decode()
    film = reverse("consent_video", args=["primary", "en"])
    assert b"".join(client.get(film)) == bytes(range(200))
    part = client.get(film, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content, part["Content-Range"]) == (206, bytes(range(10, 20)), "bytes 10-19/200")
    assert client.get(film, headers={"Range": f"bytes={'9' * 5000}-"}).status_code == 200
    assert b"WEBVTT" in b"".join(client.get(reverse("consent_captions", args=["primary", "en"])))
    assert client.get(reverse("consent_video", args=["primary", "fr"])).status_code == 404


# --- answers ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["yes", "no", "not_sure", "later"])
def test_each_answer_is_recorded_and_only_a_yes_grants(person, as_person, read, sign, answer):
    one = person("primary")
    client = as_person(one)
    text = read(client, "ehr")
    response = sign(client, "ehr", text, answer)
    assert response["Location"] == (reverse("home") if answer == "later" else reverse("next"))
    assert one.consent_answers.get(module="ehr").answer == answer
    now = timezone.now()
    assert ("ehr" in scopes_in_force(one, now, now)) == (answer == "yes")
    steps = client.get(reverse("home")).content.decode()
    open_still = answer in ("not_sure", "later")
    assert (reverse("consent", args=["ehr"]) in steps) or not open_still


def test_later_changes_no_decision_that_stands(person, as_person, read, sign):
    one = person("ehr")
    client = as_person(one)
    text = read(client, "ehr")
    page = sign(client, "ehr", text, "later", follow=True).content.decode()
    assert "Your answer stays as it was" in page
    assert one.consent_answers.filter(module="ehr").count() == 1
    now = timezone.now()
    assert "ehr" in scopes_in_force(one, now, now)


def test_two_tabs_sign_and_there_is_one_fact(person, as_person, read, sign):
    one = person("primary")
    first, second = as_person(one), as_person(one)
    text = read(first, "ehr")
    read(second, "ehr")
    assert sign(first, "ehr", text)["Location"] == reverse("next")
    response = sign(second, "ehr", text)
    document = ConsentDocument.objects.get(answer__module="ehr")
    assert response["Location"] == reverse("consent_document", args=[document.uuid])
    assert "You have answered already" in second.get(response["Location"]).content.decode()
    assert one.consent_answers.filter(module="ehr").count() == 1
    assert sign(second, "ehr", text, "no")["Location"] == reverse("next")  # another answer is a new fact
    assert [a.answer for a in one.consent_answers.filter(module="ehr").order_by("id")] == ["yes", "no"]


def test_a_page_that_is_sent_again_changes_nothing(person, as_person, read, sign):
    one = person("primary")
    client = as_person(one)
    text = read(client, "ehr")
    for _ in range(3):
        sign(client, "ehr", text, "no")
    assert one.consent_answers.filter(module="ehr").count() == 1
    assert ConsentDocument.objects.filter(answer__module="ehr").count() == 1


def test_what_is_sent_out_of_order_leads_to_what_is_missing(person, as_person, protocol, sign):
    one = person("profile")
    client = as_person(one)
    ehr, primary = (protocol.consents[name].current.texts["en"] for name in ("ehr", "primary"))
    assert sign(client, "ehr", ehr)["Location"] == reverse("next")  # before the consent that it stands on
    assert sign(client, "primary", primary)["Location"] == reverse("consent_screen", args=["primary", 1])
    assert not ConsentAnswer.objects.exists()


def test_a_form_from_another_site_is_refused(person, as_person, read, sign):
    one = person("primary")
    text = read(as_person(one), "ehr")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(one.account, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert sign(strict, "ehr", text).status_code == 403
    assert not one.consent_answers.filter(module="ehr").exists()


def test_words_that_were_superseded_meanwhile_are_not_signed(person, as_person, read, sign, another_program):
    one = person("primary")
    client = as_person(one)
    old = read(client, "ehr")
    new = another_program(second_version).consents["ehr"].current.texts["en"]
    response = sign(client, "ehr", old)
    assert response["Location"] == reverse("consent_screen", args=["ehr", 1])
    page = client.get(response["Location"]).content.decode()
    for said in (
        "The text has changed since you opened it.",
        "We now get copies each month.",
        "What is shared",
        "read it again",
    ):
        assert said in page
    assert not one.consent_answers.filter(module="ehr").exists()
    for number in range(1, len(new.screens) + 1):
        client.get(reverse("consent_screen", args=["ehr", number]))
    client.post(reverse("consent_check", args=["ehr"]), {q.id: q.correct for q in new.questions})
    assert sign(client, "ehr", new)["Location"] == reverse("next")
    assert one.consent_answers.get(module="ehr").version == "2"


def test_the_language_that_was_read_is_the_one_that_is_signed(person, as_person, protocol, read, sign):
    one = person("primary")
    client = as_person(one)
    english = read(client, "ehr")
    client.post(reverse("set_language"), {"language": "es", "next": "/"})
    page = sign(client, "ehr", english, follow=True)
    assert page.redirect_chain[0][0] == reverse("consent_screen", args=["ehr", 1])
    assert not one.consent_answers.filter(module="ehr").exists()
    spanish = read(client, "ehr", language="es")
    sign(client, "ehr", spanish)
    answer = one.consent_answers.get(module="ehr")
    assert (answer.language, answer.content_sha256) == ("es", spanish.sha256)


# --- forms by place -----------------------------------------------------------------------------------------------------


def test_sensitive_form_asks_for_initials_where_care_is_in_texas(person, as_person, read, sign):
    one = person("primary", site="gulf-coast-houston")
    client = as_person(one)
    text = read(client, "ehr", form="sensitive")
    assert "please write your initials" in sign(client, "ehr", text).content.decode()
    assert not one.consent_answers.filter(module="ehr").exists()
    sign(client, "ehr", text, initials="IR")
    answer = one.consent_answers.get(module="ehr")
    assert (answer.form, answer.signature.initials, answer.expires_at) == ("sensitive", "IR", None)


def test_time_limited_form_ends_and_is_asked_for_again(person, as_person, read, sign, another_program):
    def in_maine(folder):
        file = folder / "partners.toml"
        file.write_text(file.read_text().replace('city = "Chicago", state = "IL"', 'city = "Portland", state = "ME"'))

    another_program(in_maine)
    one = person("primary", site="lakeshore-chicago")
    client = as_person(one)
    text = read(client, "ehr", form="timed")
    page = client.get(reverse("consent_sign", args=["ehr"])).content.decode()
    assert "Your yes holds for 365 days" in page
    sign(client, "ehr", text)
    answer = one.consent_answers.get(module="ehr")
    assert (answer.form, answer.expires_at - answer.event_time) == ("timed", timedelta(days=365))
    assert "It holds until" in client.get(reverse("consents")).content.decode()


def test_who_moves_while_reading_reads_the_form_of_the_new_place(person, as_person, read, sign, sites):
    one = person("primary")
    client = as_person(one)
    text = read(client, "ehr")
    people.pair(one, "gulf-coast-houston", source="test")
    page = sign(client, "ehr", text, follow=True).content.decode()
    assert "another text applies there" in page
    assert not one.consent_answers.filter(module="ehr").exists()


def test_ca_bill_of_rights_is_signed_before_joining_and_its_first_day_is_kept(person, as_person, read, sign, protocol):
    one = person("profile", site="neighborhood-oakland", state="CA", city="Oakland", zip="94607")
    client = as_person(one)
    assert client.get(reverse("next"))["Location"] == reverse("consent", args=["cabor"])
    assert client.get(reverse("consent_screen", args=["primary", 1]))["Location"] == reverse("next")
    sign(client, "cabor", read(client, "cabor"))
    first = one.consent_answers.get()
    assert (first.module, first.answer, first.scopes) == ("cabor", "yes", "")
    now = timezone.now()
    assert scopes_in_force(one, now, now) == frozenset()
    assert client.get(reverse("next"))["Location"] == reverse("consent", args=["primary"])
    sign(client, "primary", read(client, "primary"))
    assert "participate" in scopes_in_force(one, timezone.now(), timezone.now())
    assert "You first signed this on" in client.get(reverse("consent", args=["cabor"])).content.decode()


def test_ca_bill_of_rights_is_nobody_elses(person, as_person):
    client = as_person(person("profile"))
    assert client.get(reverse("consent", args=["cabor"])).status_code == 404
    assert client.get(reverse("next"))["Location"] == reverse("consent", args=["primary"])


# --- signatures ---------------------------------------------------------------------------------------------------------


def test_a_drawing_signs_and_the_name_stands_beside_it(person, as_person, read, sign):
    one = person("primary")
    client = as_person(one)
    sign(client, "ehr", read(client, "ehr"), signed_name="", drawing=STROKE)
    signature = Signature.objects.get(answer__module="ehr")
    assert (signature.kind, signature.drawing, signature.typed_name) == ("drawn", STROKE, NAME)
    assert signature.answer.signed_name == NAME


@pytest.mark.parametrize("drawing", ['M1 1L300 100"><script>', "M1 1L900 100", "x" * 30_000])
def test_a_drawing_that_no_page_of_ours_makes_is_refused(person, as_person, read, sign, drawing):
    one = person("primary")
    client = as_person(one)
    response = sign(client, "ehr", read(client, "ehr"), signed_name="", drawing=drawing)
    assert response.status_code == 200
    assert "<script>" not in response.content.decode()
    assert not one.consent_answers.filter(module="ehr").exists()


@pytest.mark.parametrize(
    ("given", "family"), [("王小明", ""), ("محمد", "علي"), ("x" * 200, "y" * 200), ("Ana", "#let x = 1 $ \\")]
)
def test_names_of_any_script_and_length_sign_and_get_their_copy(person, as_person, read, sign, given, family):
    one = person("primary")
    people.record_profile(one, {"given_name": given, "family_name": family}, source="test")
    client = as_person(one)
    name = f"{given} {family}".strip()
    assert sign(client, "ehr", read(client, "ehr"), signed_name=name)["Location"] == reverse("next")
    answer = one.consent_answers.get(module="ehr")
    assert answer.signed_name == name
    assert client.get(reverse("consent_pdf", args=[answer.document.uuid])).content[:5] == b"%PDF-"
    assert (
        name.replace("&", "&amp;")
        in client.get(reverse("consent_document", args=[answer.document.uuid])).content.decode()
    )


# --- copies -------------------------------------------------------------------------------------------------------------


def test_the_copy_as_a_page_says_all_that_was_shown_and_signed(person, as_person, read, sign):
    one = person("primary")
    client = as_person(one)
    text = read(client, "ehr", language="en")
    sign(client, "ehr", text, signed_name="", drawing=STROKE)
    answer = one.consent_answers.get(module="ehr")
    page = client.get(reverse("consent_document", args=[answer.document.uuid])).content.decode().replace("&#x27;", "'")
    assert all(screen.title in page for screen in text.screens)
    assert all(question.teach.replace('"', "&quot;") in page for question in text.questions)
    for said in (text.statement, text.agree, NAME, text.sha256, str(answer.document.uuid), f'd="{STROKE}"', "(UTC)"):
        assert said in page, said
    listed = client.get(reverse("consents")).content.decode()
    assert reverse("consent_document", args=[answer.document.uuid]) in listed
    assert (
        reverse("consent_document", args=[answer.document.uuid])
        in client.get(reverse("data_consents")).content.decode()
    )


def test_a_copy_is_in_the_language_of_the_answer_not_of_the_page(person, as_person, read, sign):
    one = person("primary")
    client = as_person(one)
    client.post(reverse("set_language"), {"language": "es", "next": "/"})
    text = read(client, "ehr", language="es")
    sign(client, "ehr", text)
    client.post(reverse("set_language"), {"language": "en", "next": "/"})
    document = ConsentDocument.objects.get(answer__module="ehr")
    page = client.get(reverse("consent_document", args=[document.uuid])).content.decode()
    assert 'lang="es"' in page
    assert text.screens[0].title in page


def test_nobody_else_sees_a_copy(person, as_person, as_staff):
    one, other = person(), person("ehr", email="other@example.org")
    document = ConsentDocument.objects.filter(answer__participant=one).first()
    staff = as_staff("site_staff")
    for name in ("consent_document", "consent_pdf"):
        path = reverse(name, args=[document.uuid])
        assert as_person(one).get(path).status_code == 200
        assert as_person(other).get(path).status_code == 404
        assert staff.get(path).status_code == 403
        assert Client().get(path).status_code == 302


def test_a_pdf_is_not_given_where_it_is_not_what_was_made(person, as_person):
    client = as_person(one := person())
    document = ConsentDocument.objects.filter(answer__participant=one).first()
    path = reverse("consent_pdf", args=[document.uuid])
    answer = client.get(path)
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (200, "application/pdf", "no-store")
    assert one.participant_id not in answer["Content-Disposition"]
    document.refresh_from_db()
    file = settings.COMMONWEAL_HOME.vault_store / document.path
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    answer = client.get(path)
    assert answer.status_code == 503
    assert "Your answer is safe" in answer.content.decode()
    assert Event.objects.filter(action="consent.document_broken").count() == 1


def test_a_copy_that_could_not_be_made_says_so_and_is_made_later(person, as_person, monkeypatch):
    def broken(*_):
        from commonweal.errors import BadInput

        raise BadInput("typst is away")

    with monkeypatch.context() as here:
        here.setattr("commonweal.vault.consent.pdf.make", broken)
        client = as_person(one := person())
        document = ConsentDocument.objects.filter(answer__participant=one).first()
        path = reverse("consent_pdf", args=[document.uuid])
        assert client.get(path).status_code == 503
        assert client.get(reverse("consent_document", args=[document.uuid])).status_code == 200
        document.refresh_from_db()
        assert document.state == ConsentDocument.FAILED
    assert documents.render_waiting() == 2
    assert client.get(path).status_code == 200


def test_two_tabs_at_the_very_same_moment_make_one_fact(person, as_person, read, sign):
    one = person("primary")
    tabs = [as_person(one) for _ in range(4)]
    text = [read(tab, "ehr") for tab in tabs][0]
    together = threading.Barrier(len(tabs))

    def press(tab):
        together.wait()
        try:
            return sign(tab, "ehr", text).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(tabs)) as pool:
        assert list(pool.map(press, tabs)) == [302] * len(tabs)
    assert one.consent_answers.filter(module="ehr").count() == 1
    assert Signature.objects.filter(answer__module="ehr").count() == 1
    assert ConsentDocument.objects.filter(answer__module="ehr").count() == 1
