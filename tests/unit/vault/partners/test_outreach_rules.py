"""What may be written down about partners, campaigns and events, and which files go into the kit."""

from datetime import date, time

import pytest

from commonweal.errors import BadInput
from commonweal.vault.partners import advising, material_files, rules

DAY = date(2026, 4, 2)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'


@pytest.mark.parametrize(("measure", "target"), [("number", 0), ("share", 0), ("number", -5), ("share", 101)])
def test_a_target_that_nobody_can_reach_is_refused(measure, target):
    with pytest.raises(BadInput):
        rules.check_target(measure, target)


@pytest.mark.parametrize(("measure", "target"), [("number", 1), ("number", 20_000), ("share", 1), ("share", 100)])
def test_other_targets_are_taken(measure, target):
    rules.check_target(measure, target)


def test_periods_and_hours_go_forward():
    rules.check_period(DAY, DAY)
    rules.check_period(DAY, None)
    rules.check_hours(time(9), None)
    for check, *given in ((rules.check_period, DAY, date(2026, 4, 1)), (rules.check_hours, time(9), time(9))):
        with pytest.raises(BadInput):
            check(*given)


@pytest.mark.parametrize("met", [-1, 100_001])
def test_people_met_are_a_number_that_can_be(met):
    with pytest.raises(BadInput):
        rules.check_met(met, DAY, DAY)


def test_people_met_are_entered_afterwards():
    rules.check_met(None, date(2026, 4, 3), DAY)
    rules.check_met(0, DAY, DAY)
    with pytest.raises(BadInput, match="afterwards"):
        rules.check_met(4, date(2026, 4, 3), DAY)


@pytest.mark.parametrize("text", ["call 312-555-0142", "write ana@example.org", "P123456789 came", "(312) 555-0142"])
def test_notes_that_hold_somebody_are_refused(text):
    with pytest.raises(BadInput):
        rules.check_names_nobody(text)


@pytest.mark.parametrize("text", ["", "120 flyers, 2 tables, 60607", "2026-04-02 from 9:30 to 12", "cost $1,200"])
def test_notes_with_other_numbers_are_taken(text):
    rules.check_names_nobody(text)


def test_states_are_read_as_people_type_them():
    assert rules.states_in(" wi, IL;il ") == ["IL", "WI"]
    assert rules.states_in("") == []
    with pytest.raises(BadInput, match="XX is no state"):
        rules.states_in("IL, xx")


@pytest.mark.parametrize("code", ["6060", "60607-1", "six", "606077", "６０６０７"])
def test_a_zip_has_five_digits(code):
    with pytest.raises(BadInput):
        rules.check_zip(code)


def test_the_same_event_has_the_same_key_however_it_is_written():
    one = rules.event_key("c", DAY, "60607", "Health  Fair")
    assert one == rules.event_key("c", DAY, "60607", " health fair ")
    others = [("d", DAY, "60607"), ("c", date(2026, 4, 3), "60607"), ("c", DAY, "60608")]
    assert one not in {rules.event_key(*other, "Health Fair") for other in others}
    assert one != rules.event_key("c", DAY, "60607", "Health fairs")


def test_slugs_are_each_once():
    assert rules.slug_of("Red de Mayores, Ñuñoa", set()) == "red-de-mayores-nunoa"
    assert rules.slug_of("Elders", {"elders", "elders-2"}) == "elders-3"
    assert rules.slug_of("老人", set()) == "partner"
    assert len(rules.slug_of("x" * 200, {"x" * 50})) <= 60


def test_advice_goes_from_said_to_answered_and_not_back():
    assert advising.state_of(set()) == "said"
    assert advising.state_of({"considered"}) == "considered"
    assert advising.state_of({"considered", "answered"}) == "answered"
    assert advising.moves_from("said") == ["considered", "answered"]
    assert advising.moves_from("considered") == ["answered"]
    assert advising.moves_from("answered") == []


DRAWINGS = [
    '<g><title>A</title><path d="M0 0h9"/><use xlink:href="#a"/></g>',
    '<style>.a { fill: url(#b); }</style><image href="data:image/png;base64,AAAA"/>',
    '<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></metadata><!-- drawn -->',
]
ACTIVE = [
    "<script>alert(1)</script>",
    '<path onload="alert(1)"/>',
    '<a href="https://example.org"><path/></a>',
    '<use href="https://example.org/x.svg#a"/>',
    '<image href="data:image/svg+xml;base64,AAAA"/>',
    '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>',
    '<metadata><script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script></metadata>',
    "<style>@import 'https://example.org/x.css';</style>",
    '<rect style="fill: url(https://example.org/x)"/>',
    '<set attributeName="href" to="javascript:alert(1)"/>',
    '<path xmlns:e="http://example.org/e" e:onclick="alert(1)"/>',
]


@pytest.mark.parametrize("inside", DRAWINGS)
def test_a_drawing_is_taken(inside):
    assert material_files.read(SVG.format(inside).encode()) == "svg"
    assert material_files.read(b'<?xml version="1.0" encoding="UTF-8"?>' + SVG.format(inside).encode()) == "svg"


@pytest.mark.parametrize("inside", ACTIVE)
def test_a_drawing_that_runs_or_fetches_is_refused(inside):
    with pytest.raises(BadInput, match="runs or fetches"):
        material_files.read(SVG.format(inside).encode())


@pytest.mark.parametrize(
    "before",
    [
        '<!DOCTYPE svg [<!ENTITY a "b">]>',
        '<?xml version="1.0"?><?xml-stylesheet href="https://example.org/x"?>',
        '<?xml version="1.0" encoding="UTF-7"?>',
    ],
)
def test_a_drawing_with_more_than_itself_is_refused(before):
    with pytest.raises(BadInput, match="runs or fetches"):
        material_files.read((before + SVG.format("")).encode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"MZ this is a program",
        b"<html><script></script></html>",
        b"\x89PNG\r\n\x1a\nhalf",
        b"\xff\xd8\xff half",
        b"%PDF-1.7 half",
        b"%PDF-1.7 nothing in it %%EOF",
        b"<svg",
    ],
)
def test_what_is_no_whole_file_of_a_known_kind_is_refused(data):
    with pytest.raises(BadInput):
        material_files.read(data)


def test_a_file_that_is_too_large_is_refused():
    with pytest.raises(BadInput, match="20 MB"):
        material_files.read(b"\xff\xd8\xff" + bytes(material_files.LARGEST))


def pdf(script=False):
    import io

    from pypdf import PdfWriter
    from pypdf.generic import DictionaryObject, NameObject, TextStringObject

    out, writer = io.BytesIO(), PdfWriter()
    writer.add_blank_page(100, 100)
    if script:
        action = {"/S": NameObject("/JavaScript"), "/JS": TextStringObject("app.alert(1)")}
        found = DictionaryObject({NameObject(key): value for key, value in action.items()})
        writer.root_object[NameObject("/OpenAction")] = found
    writer.write(out)
    return out.getvalue()


def test_a_pdf_is_taken_and_one_with_a_program_is_not():
    assert material_files.read(pdf()) == "pdf"
    with pytest.raises(BadInput, match="program"):
        material_files.read(pdf(script=True))
