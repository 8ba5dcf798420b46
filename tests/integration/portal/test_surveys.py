"""Answering surveys on the portal: every kind of question, what cannot be an answer, several devices, other versions."""

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from commonweal import protocol
from commonweal.ui import context
from commonweal.ui.context import current_protocol
from commonweal.vault.surveys.models import SurveyDraft, SurveyResponse
from tests.effort import calls_of
from tests.integration.portal.conftest import logged_in
from tests.surveys import every_kind, form, group, item, option, program_with, written

pytestmark = pytest.mark.django_db(transaction=True)
CODE = "EveryKind"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return written(tmp_path_factory.mktemp("every") / "program", every_kind())


@pytest.fixture
def program(folder, monkeypatch):
    monkeypatch.setattr(context, "_folder", lambda home: folder)
    return current_protocol()


@pytest.fixture
def client(program, person, as_person):
    client = as_person(person())
    client.get(reverse("survey", args=[CODE]))
    return client


def send(client, number, go="next", code=CODE, headers=None, **fields):
    """What a page sends: fields by name (`day.year` as day__year), each question that has one as shown."""
    sent = {name.replace("__", "."): value for name, value in fields.items()}
    links = [name.split(".")[0].split("~")[0] if "~~" not in name else name.split(".")[0] for name in sent]
    shown = [link for link in dict.fromkeys(links) if link not in ("rows", "was", "told", "opened", "more")]
    page = {"shown": shown, "go": go} | sent
    return client.post(reverse("survey_page", args=[code, number]), page, headers=headers or {})


def answers():
    return SurveyDraft.objects.get().answers


def kept(client, number, link, headers=None, **fields):
    """The answers to one question after the page was sent."""
    send(client, number, go="later", headers=headers, **fields)
    return answers().get(link) if SurveyDraft.objects.exists() else None


WRITTEN = [
        (1, "yes", {"yes": "no"}, [{"valueBoolean": False}]),
        (1, "whole", {"whole": " 3 "}, [{"valueInteger": 3}]),
        (1, "whole", {"whole": "1,500"}, [{"valueInteger": 1500}]),
        (1, "whole", {"whole": "3.0"}, [{"valueInteger": 3}]),
        (1, "part", {"part": "12.5"}, [{"valueDecimal": 12.5}]),
        (1, "part", {"part": ".5"}, [{"valueDecimal": 0.5}]),
        (1, "own", {"own": "+other", "own__own": "Mate"}, [{"valueString": "Mate"}]),
        (1, "own", {"own__own": "Mate"}, [{"valueString": "Mate"}]),
        (2, "day", {"day__month": "2", "day__day": "29", "day__year": "2024"}, [{"valueDate": "2024-02-29"}]),
        (2, "day", {"day__month": "2", "day__day": "", "day__year": "2024"}, [{"valueDate": "2024-02"}]),
        (2, "day", {"day__month": "", "day__day": "", "day__year": "2024"}, [{"valueDate": "2024"}]),
        (2, "month", {"month__month": "11", "month__year": "1999"}, [{"valueDate": "1999-11"}]),
        (2, "clock", {"clock": "7:05", "clock__half": "pm"}, [{"valueTime": "19:05:00"}]),
        (2, "clock", {"clock": "19:05", "clock__half": ""}, [{"valueTime": "19:05:00"}]),
        (2, "clock", {"clock": "12:00 am", "clock__half": ""}, [{"valueTime": "00:00:00"}]),
        (2, "moment", {"moment__month": "5", "moment__day": "", "moment__year": "2024"}, [{"valueDateTime": "2024-05"}]),
        (2, "line", {"line": "60607"}, [{"valueString": "60607"}]),
        (2, "long", {"long": "a\r\nb\x00"}, [{"valueString": "a\nb"}]),
        (2, "site", {"site": "example.org/me"}, [{"valueUri": "https://example.org/me"}]),
        (3, "names", {"names": "Aspirin", "names~1": "", "names~2": "Insulin", "rows__names": "3"}, [{"valueString": "Aspirin"}, {"valueString": "Insulin"}]),
    ]  # fmt: skip


def test_what_is_written_becomes_the_answer(client):
    for number, link, fields, value in WRITTEN:
        assert kept(client, number, link, **fields) == value, (fields, value)


def test_choices_are_kept_in_the_forms_order_and_shown_again(client):
    codes = lambda found: [one["valueCoding"]["code"] for one in found]  # noqa: E731
    assert codes(kept(client, 1, "many", many=["pear", "apple"])) == ["apple", "pear"]
    assert codes(kept(client, 1, "country", country="c7")) == ["c7"]
    page = client.get(reverse("survey_page", args=[CODE, 1])).content.decode()
    assert re.search(r'value="pear" checked', page) and re.search(r'<option value="c7" selected', page)


def test_an_amount_is_written_in_one_of_its_units(client):
    quantity = {
        "valueQuantity": {"value": 67, "unit": "inches", "system": "http://unitsofmeasure.org", "code": "[in_i]"}
    }
    assert kept(client, 2, "height", height__u0="7", **{"height__u0__feet": "5"}) == [quantity]
    page = client.get(reverse("survey_page", args=[CODE, 2])).content.decode()
    assert 'name="height.u0.feet" value="5"' in page and 'name="height.u0" value="7"' in page
    assert "5 feet 7 inches" in client.get(reverse("survey_review", args=[CODE])).content.decode()
    assert kept(client, 2, "height", height__u1="170.5")[0]["valueQuantity"]["code"] == "cm"


WRONG = [
        (1, {"whole": "2.5"}, "whole number"),
        (1, {"whole": "many"}, "write a number"),
        (1, {"whole": "99999999999"}, "smaller number"),
        (1, {"whole": "9" * 5000}, "write a number"),
        (1, {"part": "1,5"}, "Did you mean 1.5?"),
        (1, {"part": "900"}, "at most 500"),
        (1, {"part": "NaN"}, "write a number"),
        (1, {"one": ["apple", "pear"]}, "only one answer"),
        (1, {"many": ["apple", "none"]}, "excludes the others"),
        (1, {"own": "+other", "own__own": ""}, "write your answer in the field"),
        (1, {"own": "apple", "own__own": "Mate"}, "chose an answer and also wrote one"),
        (2, {"day__month": "2", "day__day": "30", "day__year": "2024"}, "no such day"),
        (2, {"day__month": "", "day__day": "3", "day__year": "2024"}, "choose the month"),
        (2, {"day__month": "2", "day__day": "3", "day__year": "61"}, "four digits"),
        (2, {"day__month": "2", "day__day": "x", "day__year": "1961"}, "month, day and year"),
        (2, {"month__month": "", "month__year": "1961"}, "choose the month"),
        (2, {"clock": "7:05", "clock__half": ""}, "morning"),
        (2, {"clock": "25:00", "clock__half": ""}, "no such time"),
        (2, {"clock": "soon", "clock__half": ""}, "such as 9:30"),
        (2, {"moment__month": "5", "moment__day": "", "moment__year": "2024", "moment__time": "9:30", "moment__half": "am"}, "whole date"),
        (2, {"moment__year": "", "moment__time": "9:30", "moment__half": "am"}, "write the date too"),
        (2, {"height__u0": "7", "height__u1": "170"}, "only one of the units"),
        (2, {"height__u0": "13", "height__u0__feet": "5"}, "12 inches in a foot"),
        (2, {"height__u1": "-5"}, "at least 0"),
        (2, {"line": "6060"}, "in this form: 60607"),
        (2, {"long": "a" * 201}, "at most 200 characters; these are 201"),
        (2, {"site": "not a page"}, "address of the web"),
        (2, {"site": "javascript:alert(1)"}, "address of the web"),
    ]  # fmt: skip


def test_what_cannot_be_an_answer_is_said_and_stays_in_its_field(client):
    for number, fields, said in WRONG:
        answer = send(client, number, **fields)
        page = answer.content.decode()
        assert answer.status_code == 200, fields
        assert said in page and 'class="summary"' in page, (fields, said)
        assert not SurveyDraft.objects.exists(), fields
        for text in fields.values():
            assert isinstance(text, list) or len(text) > 20 or text in page, fields


SPANISH = {"Accept-Language": "es"}


COMMAS = [
    ("1,5", 1.5, ""),
    ("1.5", 1.5, ""),
    ("1.234,5", None, "500"),
    ("1,500", 1.5, ""),  # 1500 is more than the question allows
    ("0,500", 0.5, ""),
    ("12,345", 12.345, ""),
]


def test_a_comma_in_spanish(client):
    for text, value, said in COMMAS:
        answer = send(client, 1, headers=SPANISH, part=text)
        if value is None:
            assert said in answer.content.decode()
        else:
            assert answers()["part"] == [{"valueDecimal": value}], text


def test_what_may_be_two_numbers_is_asked(program, client, tmp_path, monkeypatch):
    program_with(
        tmp_path / "program", monkeypatch, form("Money", group("g", "Money", item("sum", "decimal", "How much?")))
    )
    page = send(client, 1, code="Money", headers=SPANISH, sum="1,500").content.decode()
    assert "1500" in page and "1.5" in page
    assert not SurveyDraft.objects.exists()
    send(client, 1, code="Money", sum="1,500")
    assert SurveyDraft.objects.get().answers == {"sum": [{"valueDecimal": 1500}]}


def test_a_megabyte_of_text_is_refused_and_nothing_else_is_lost(client):
    send(client, 1, yes="yes", go="later")
    answer = send(client, 2, long="a" * 1_000_000, line="60607")
    assert "at most 200 characters; these are 1000000" in answer.content.decode()
    assert set(answers()) == {"yes", "line"}


def test_groups_that_repeat(client):
    send(client, 3, go="", more="child", **{"child~~0~~child_name": "Ana", "child~~0~~child_age": "4"})
    page = client.get(reverse("survey_page", args=[CODE, 3]) + "?more=child").content.decode()
    assert 'name="child~~1~~child_name"' in page and 'value="Ana"' in page
    send(client, 3, go="later", **{"child~~1~~child_name": "Luis", "child~~1~~child_age": ""})
    assert answers()["child"] == [
        {"answers": {"child_name": [{"valueString": "Ana"}], "child_age": [{"valueInteger": 4}]}},
        {"answers": {"child_name": [{"valueString": "Luis"}]}},
    ]
    client.post(reverse("survey_review", args=[CODE]))
    groups = json.loads(SurveyResponse.objects.get().document)["item"][-1]["item"]
    assert [one["item"][0]["answer"][0]["valueString"] for one in groups if one["linkId"] == "child"] == ["Ana", "Luis"]


def test_fields_that_no_page_has_are_passed_over(client):
    for name in ("child~~99~~child_name", "child~~x~~child_name", "child~~0~~whole", "child_name", "x~~0~~child_name"):
        send(client, 3, go="later", **{name: "Ana"})
    assert not SurveyDraft.objects.exists()


def test_what_is_calculated_is_shown_and_handed_in_and_what_is_pre_filled_may_be_changed(client):
    send(client, 1, whole="4", go="later")
    page = client.get(reverse("survey_page", args=[CODE, 3])).content.decode()
    assert re.search(r"<output data-fixed>\s*8", page)
    assert 'value="Illinois"' in page and "filled this in" in page
    send(client, 3, go="later", first_answer="Ohio", was__first_answer="")
    assert answers()["first_answer"] == [{"valueString": "Ohio"}]
    send(client, 3, go="later", first_answer="")
    page = client.get(reverse("survey_page", args=[CODE, 3])).content.decode()
    assert "Illinois" not in page  # emptied by the person: it does not come back


def test_what_was_left_open_is_a_skip_in_what_is_handed_in(client):
    send(client, 1, yes="yes", go="later")
    assert client.post(reverse("survey_review", args=[CODE]))["Location"] == reverse("survey_thanks", args=[CODE])
    page = client.get(reverse("survey_thanks", args=[CODE])).content.decode()
    assert "Thank you" in page and "What happens now" in page
    first = json.loads(SurveyResponse.objects.get().document)["item"][0]["item"]
    said = {one["linkId"]: one["answer"][0] for one in first}
    assert said["yes"] == {"valueBoolean": True}
    assert said["whole"]["valueCoding"]["code"] == "PMI_Skip"
    assert "why" not in said  # it was not asked


def test_a_required_question_is_asked_for_once_and_named_before_handing_in(tmp_path, monkeypatch, person, as_person):
    program_with(tmp_path / "program", monkeypatch, form("Must", group("g", "G", item("must", "string", "Your name?", required=True), item("may", "string", "Another?"))))  # fmt: skip
    client = as_person(person())
    page = send(client, 1, code="Must", must="", may="x")
    assert "This answer matters" in page.content.decode() and 'name="told" value="must"' in page.content.decode()
    assert send(client, 1, code="Must", must="", may="x", told="must")["Location"] == reverse(
        "survey_review", args=["Must"]
    )
    page = client.post(reverse("survey_review", args=["Must"])).content.decode()
    assert "need an answer before you can hand in" in page and "#q-must" in page
    assert not SurveyResponse.objects.exists()


# --- saving as one goes


def autosave(client, code=CODE, **fields):
    sent = {name.replace("__", "."): value for name, value in fields.items()}
    return client.post(reverse("survey_save", args=[code]), sent)


def test_an_answer_is_saved_by_itself_and_brings_what_follows_from_it(client):
    told = autosave(client, shown="one", one="pear", number="1", present=["yes", "one"], was__one="").json()
    assert answers()["one"][0]["valueCoding"]["code"] == "pear"
    assert "why" in told["asked"] and 'name="why"' in told["questions"]["why"]
    assert "one" not in told["questions"] and told["marks"]["one"]
    assert told["progress"] == {"done": 2, "total": 20}  # the pre-filled one counts


def test_saved_twice_is_saved_once(client):
    first = autosave(client, shown="yes", yes="yes", was__yes="").json()
    again = autosave(client, shown="yes", yes="yes", was__yes="").json()
    assert (first["revision"], again["revision"], again["overtaken"]) == (1, 1, [])


def test_what_is_no_answer_yet_is_told_and_the_rest_is_saved(client):
    told = autosave(client, shown=["whole", "yes"], whole="x", yes="yes").json()
    assert "write a number" in told["wrong"]["whole"]
    assert set(answers()) == {"yes"}


def test_two_devices_that_answer_different_questions_lose_nothing(client, person, program):
    one = SurveyDraft  # both pages were opened before anything was saved
    other = logged_in(client_account())
    autosave(client, shown="yes", yes="yes", was__yes="")
    page = {"shown": ["yes", "whole"], "whole": "3", "was.yes": "", "was.whole": "", "go": "later"}
    other.post(reverse("survey_page", args=[CODE, 1]), page)  # its own field for `yes` is still empty
    assert one.objects.get().answers == {"yes": [{"valueBoolean": True}], "whole": [{"valueInteger": 3}]}


def client_account():
    from commonweal.vault.people.models import Account

    return Account.objects.get(email="ines@example.org")


def test_the_later_of_two_answers_stands_and_the_other_is_told(client):
    other = logged_in(client_account())
    autosave(client, shown="whole", whole="3", was__whole="", age__whole="0")
    told = autosave(other, shown="whole", whole="5", was__whole="", age__whole="60000").json()
    assert answers()["whole"] == [{"valueInteger": 3}]  # given a minute before the other
    assert [(one["kept"], one["other"]) for one in told["overtaken"]] == [("3", "5")]
    told = autosave(other, shown="whole", whole="7", was__whole="", age__whole="0").json()
    assert answers()["whole"] == [{"valueInteger": 7}]
    assert [(one["kept"], one["other"]) for one in told["overtaken"]] == [("7", "3")]
    page = client.get(reverse("survey_review", args=[CODE])).content.decode()
    assert "Set aside" in page and "another device" in page


def test_an_answer_from_the_same_device_that_comes_late_changes_nothing(client):
    autosave(client, shown="whole", whole="3", was__whole="")
    told = autosave(client, shown="whole", whole="2", was__whole="", age__whole="60000").json()
    assert answers()["whole"] == [{"valueInteger": 3}] and told["overtaken"] == []


def test_answers_that_come_after_the_survey_was_handed_in_wait_as_a_correction(client):
    opened = (timezone.now() - timedelta(minutes=5)).isoformat()
    autosave(client, shown="yes", yes="yes")
    client.post(reverse("survey_review", args=[CODE]))
    handed_in = SurveyResponse.objects.get()
    told = autosave(client, shown="yes", yes="yes", opened=opened).json()
    assert told["late"] and not SurveyDraft.objects.exists()  # nothing new in it
    told = autosave(client, shown="whole", whole="2", opened=opened).json()
    draft = SurveyDraft.objects.get()
    assert "handed in meanwhile" in told["late"] and draft.corrects == handed_in
    assert draft.answers["yes"] == [{"valueBoolean": True}] and draft.answers["whole"] == [{"valueInteger": 2}]
    page = client.get(reverse("survey_review", args=[CODE])).content.decode()
    assert "You are correcting your answers of" in page
    client.post(reverse("survey_review", args=[CODE]))
    newest = SurveyResponse.objects.order_by("id").last()
    assert (newest.status, newest.supersedes_id) == ("amended", handed_in.pk)


def test_one_goes_on_where_one_was_on_any_device(client):
    autosave(client, shown="line", line="60607", number="2")
    start = logged_in(client_account()).get(reverse("survey", args=[CODE])).content.decode()
    assert reverse("survey_page", args=[CODE, 2]) in start and "Go on where I left off" in start


def test_nobody_saves_without_consent_or_log_in(program, person, as_person, client):
    one = person("profile", email="b@example.org")
    assert autosave(as_person(one), shown="yes", yes="yes").status_code == 302
    client.logout()
    assert autosave(client, shown="yes", yes="yes")["Location"].startswith(reverse("account_login"))
    assert not SurveyDraft.objects.exists()


def test_pages_with_answers_are_kept_by_no_browser(client):
    for name, args in (("survey", []), ("survey_page", [1]), ("survey_review", []), ("survey_ahead", [1])):
        assert client.get(reverse(name, args=[CODE, *args]))["Cache-Control"] == "no-store"


def test_the_key_to_what_waits_on_a_device_is_one_persons_alone(client, person, as_person):
    keys = []
    for one in (client, as_person(person(email="b@example.org")), logged_in(client_account())):
        page = one.get(reverse("survey_page", args=[CODE, 1])).content.decode()
        keys.append(re.search(r'data-lock="([0-9a-f]{64})"', page)[1])
    assert keys[0] == keys[2] != keys[1]


# --- versions


def test_a_survey_that_changes_meanwhile_keeps_what_fits_and_tells_the_rest(tmp_path, monkeypatch, person, as_person):
    folder = tmp_path / "program"
    fruit = [option("apple", "Apple"), option("pear", "Pear")]
    first = form("Moving", group("g", "G", item("a", "choice", "Fruit?", answerOption=fruit), item("b", "string", "Why?"), item("c", "integer", "Count?")))  # fmt: skip
    program = program_with(folder, monkeypatch, first)
    from commonweal.vault.surveys import forms

    forms.register_protocol(program)
    client = as_person(person())
    send(client, 1, code="Moving", go="later", a="pear", b="tasty", c="3")
    second = form("Moving", group("g", "G", item("a", "choice", "Fruit?", answerOption=fruit[:1]), item("b", "string", "Why?"), item("d", "string", "Since when?")), version="2")  # fmt: skip
    program_with(folder.with_name("second"), monkeypatch, second)
    page = client.get(reverse("survey", args=["Moving"])).content.decode()
    assert "has changed since you began" in page and "1 question is new" in page and "2 answers do not fit" in page
    send(client, 1, code="Moving", go="later", d="1999")
    draft = SurveyDraft.objects.get()
    assert draft.version == "2" and set(draft.answers) == {"b", "d"}
    assert {one["link"] for one in draft.set_aside} == {"a", "c"}
    assert "has changed since" not in client.get(reverse("survey", args=["Moving"])).content.decode()
    assert "the question has changed" in client.get(reverse("survey_review", args=["Moving"])).content.decode()
    client.post(reverse("survey_review", args=["Moving"]))
    assert SurveyResponse.objects.get().version == "2"


# --- without a network, and large


def test_the_screens_ahead_come_with_their_rules(client):
    told = client.get(reverse("survey_ahead", args=[CODE, 1])).json()
    assert [one["number"] for one in told["screens"]] == [2]  # the third repeats a group: the server alone shows it
    assert 'name="clock"' in told["screens"][0]["html"]
    assert told["rules"]["why"]["when"] == [["one", "=", "pear"]] and told["known"] == {"one": []}
    assert client.get(reverse("survey_ahead", args=[CODE, 99])).status_code == 404


EACH = 25  # function calls for an item that is not on the page: whether it is asked, and answered; it takes 18


def effort(tmp_path, monkeypatch, client, groups):
    """Function calls for the last page of a form of so many groups of twenty questions, and for saving an answer there."""
    items = [
        group(f"g{n}", f"Group {n}", *(item(f"q{n}_{m}", "string", f"Question {m}") for m in range(20)))
        for n in range(groups)
    ]
    program_with(tmp_path / f"program{groups}", monkeypatch, form("Long", *items))
    client.get(reverse("survey_page", args=["Long", 1]))  # the form is read once in a process
    page = calls_of(lambda: client.get(reverse("survey_page", args=["Long", groups])))
    save = calls_of(lambda: autosave(client, code="Long", shown="q0_3", q0_3=f"x{groups}", number=str(groups)))
    assert answers()["q0_3"] == [{"valueString": f"x{groups}"}]
    return page, save


def test_a_form_of_ten_thousand_items_opens_at_once(tmp_path, monkeypatch, person, as_person):
    client = as_person(person())
    small, large = (effort(tmp_path, monkeypatch, client, groups) for groups in (50, 500))
    more = 450 * 21  # items
    assert all(b - a < EACH * more for a, b in zip(small, large, strict=True)), (small, large)
    assert current_protocol().surveys["Long"]


def test_a_survey_that_asks_for_files_is_refused_by_the_check(tmp_path):
    asks = form(
        "Files", group("g", "G", item("photo", "attachment", "A photo?"), item("doctor", "reference", "Which doctor?"))
    )
    found = protocol.check(written(tmp_path / "program", asks))
    assert [problem.message.split(",")[0] for problem in found] == [
        "item 'photo': a question of type attachment",
        "item 'doctor': a question of type reference",
    ]


@pytest.mark.parametrize(("text", "hint"), [("Which?", True), ("Which? Select all that apply.", False)])
def test_that_several_may_be_chosen_is_said_once(person, as_person, tmp_path, monkeypatch, text, hint):
    many = item("many", "choice", text, repeats=True, answerOption=[option("a", "A"), option("b", "B")])
    program_with(tmp_path / "program", monkeypatch, form("Several", group("page", "A page", many)))
    said = as_person(person()).get(reverse("survey_page", args=["Several", 1])).content.decode()
    assert text in said and ("Choose all that fit" in said) is hint


def test_the_page_for_no_network_is_one_for_everybody(person, as_person):
    """It is kept by browsers that several people use."""
    seen = [client.get(reverse("survey_offline")) for client in (Client(), as_person(person()))]
    assert seen[0].content == seen[1].content and not seen[0].cookies
    assert "You are offline" in seen[0].content.decode() and "No tiene conexión" in seen[0].content.decode()
