"""Which form of a consent is whose, by the reference's table of states; what is wrong with forms is told by file and line."""

import pytest

from commonweal import protocol
from commonweal.protocol import find_text, form_for

PROGRAM = protocol.load(protocol.DEFAULT)
EHR = PROGRAM.consents["ehr"].current
SENSITIVE, TIMED = ("OR", "TX", "AK", "MA", "MI"), ("ME", "MD", "MT", "WY")


@pytest.mark.parametrize("state", SENSITIVE)
def test_sensitive_ehr_form_for_people_receiving_care_in_or_tx_ak_ma_mi(state):
    form = form_for(EHR, state, "IL")
    assert (form.id, form.initials, form.expires_after_days) == ("sensitive", True, None)


@pytest.mark.parametrize("state", SENSITIVE)
def test_sensitive_ehr_form_by_where_they_live_if_care_is_unknown(state):
    assert form_for(EHR, None, state).id == "sensitive"
    assert form_for(EHR, "IL", state).id == ""


@pytest.mark.parametrize("state", TIMED)
def test_time_limited_ehr_authorisation_by_the_awardees_state_not_residence(state):
    form = form_for(EHR, state, "IL")
    assert (form.id, form.initials, form.expires_after_days) == ("timed", False, 365)
    assert form_for(EHR, "IL", state).id == ""
    assert form_for(EHR, None, state).id == ""


def test_everybody_else_reads_the_default_form():
    for care, home in (("IL", "IL"), (None, None), (None, "CA")):
        form = form_for(EHR, care, home)
        assert (form.id, form.texts, form.initials, form.expires_after_days) == ("", EHR.texts, False, None)


def test_ca_bill_of_rights_is_asked_of_those_who_live_there_and_grants_nothing():
    rights = PROGRAM.consents["cabor"]
    assert rights.applies("CA") and not rights.applies("TX") and not rights.applies(None)
    assert rights.scopes == ()
    assert PROGRAM.consents["primary"].applies(None)


def test_words_are_found_by_their_digest_with_all_that_they_belong_to():
    form = EHR.form("timed")
    found = find_text(PROGRAM.consents["ehr"], form.texts["es"].sha256)
    assert (found.version.version, found.form.id, found.language) == ("1", "timed", "es")
    assert find_text(PROGRAM.consents["ehr"], "0" * 64) is None
    assert EHR.form("").texts == EHR.texts and EHR.form("none") is None
    texts = [
        t.sha256
        for m in PROGRAM.consents.values()
        for f in (m.current.default, *m.current.forms)
        for t in f.texts.values()
    ]
    assert len(set(texts)) == len(texts) == 14


MODULE = "consents/ehr/module.toml"
FAULTS = [
    ('states = ["ME", "MD", "MT", "WY"]', 'states = ["ME", "TX"]', "TX stands in the form 'sensitive' already"),
    ('states = ["ME", "MD", "MT", "WY"]', 'states = ["Maine"]', "String should match pattern"),
    ('states = ["ME", "MD", "MT", "WY"]', "states = []", "states: Tuple should have at least 1 item"),
    ('by = "care"', 'by = "mail"', "Input should be 'care', 'home' or 'care_or_home'"),
    ("expires_after_days = 365", "expires_after_days = 0", "greater than 0"),
    ('version = "1"', 'version = "1"\nreconsent = true', "the first version cannot ask people again"),
    ("onboarding = true", 'onboarding = true\nonly_in = ["California"]', "String should match pattern"),
    (
        "onboarding = true",
        'onboarding = true\nvideo = { en = "a.mp4", es = "b.mp4" }',
        "there is no file consents/ehr/a.mp4",
    ),
    (
        "onboarding = true",
        'onboarding = true\nvideo = { en = "../a.mp4", es = "b.mp4" }',
        "no file name that ends with",
    ),
    ("onboarding = true", 'onboarding = true\nvideo = { en = "a.mp4" }', "video: no text in 'es'"),
]


@pytest.mark.parametrize(("old", "new", "said"), FAULTS, ids=[fault[2] for fault in FAULTS])
def test_faults_of_forms_are_named_by_file_and_line(folder, spoil, old, new, said):
    line = spoil(MODULE, old, new) + new.count("\n")
    hits = [problem for problem in protocol.check(folder) if said in problem.message]
    assert [(hit.file, hit.line) for hit in hits[:1]] == [(MODULE, line)], protocol.check(folder)


def test_two_forms_of_one_name(folder, spoil):
    line = spoil(MODULE, 'id = "timed"', 'id = "sensitive"')
    assert any(p.line == line and "two forms 'sensitive'" in p.message for p in protocol.check(folder))


def test_a_form_without_words_in_one_language(folder):
    (folder / "consents/ehr/v1.timed.es.md").unlink()
    lines = (folder / MODULE).read_text().splitlines()
    last = max(number for number, text in enumerate(lines, 1) if text == "[[versions.forms]]")
    said = "the form 'timed' has no words in 'es': there is no file consents/ehr/v1.timed.es.md"
    assert [(p.file, p.line, p.message) for p in protocol.check(folder)] == [(MODULE, last, said)]


def test_a_video_needs_captions(folder, spoil):
    line = spoil(MODULE, "onboarding = true", 'onboarding = true\nvideo = { en = "a.mp4", es = "a.mp4" }') + 1
    (folder / "consents/ehr/a.mp4").write_bytes(b"x")
    found = protocol.check(folder)
    assert {(p.line, "its captions are missing" in p.message) for p in found} == {(line, True)}
    (folder / "consents/ehr/a.vtt").write_text("WEBVTT\n")
    assert protocol.check(folder) == []
    assert protocol.load(folder).consents["ehr"].video["es"] == "a.mp4"


def test_people_who_are_asked_again_are_told_why(folder):
    for language in ("en", "es"):
        words = (folder / f"consents/ehr/v1.{language}.md").read_text()
        (folder / f"consents/ehr/v2.{language}.md").write_text(words + "\n")
    file = folder / MODULE
    kept = file.read_text()
    file.write_text(kept + '\n[[versions]]\nversion = "2"\nreconsent = true\n')
    assert [p.message for p in protocol.check(folder)] == [
        "people who are asked again are told why: add `why` in each language"
    ]
    file.write_text(kept + '\n[[versions]]\nversion = "2"\nreconsent = true\nwhy = { en = "New.", es = "Nuevo." }\n')
    version = protocol.load(folder).consents["ehr"].current
    assert (version.reconsent, version.why["es"]) == (True, "Nuevo.")
    file.write_text(kept + '\n[[versions]]\nversion = "1"\n')
    assert "there are two versions '1'" in [p.message for p in protocol.check(folder)]


def test_words_that_stand_twice_cannot_be_told_apart_by_a_signature(folder):
    words = (folder / "consents/ehr/v1.en.md").read_text()
    (folder / "consents/ehr/v1.timed.en.md").write_text(words)
    said = "its words are those of consents/ehr/v1.en.md"
    hits = [(p.file, p.line) for p in protocol.check(folder) if said in p.message]
    assert hits == [("consents/ehr/v1.timed.en.md", 1)]


def test_two_parts_to_sign(folder):
    file = folder / "consents/wearables/v1.en.md"
    before = file.read_text()
    part = before[before.index("## sign") :]
    file.write_text(f"{before}\n{part}")
    line = (before + "\n").count("\n") + 1
    assert [(p.line, p.message) for p in protocol.check(folder)] == [
        (line, "there is a second `## sign` part: which one would be signed?")
    ]
