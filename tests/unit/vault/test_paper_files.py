"""Files of paper consents: only whole, readable ones of the right kind are taken."""

import io
from datetime import date

import pytest
from pypdf import PdfWriter

from commonweal.errors import BadInput
from commonweal.vault.consent.paper import files

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40 + b"\x00\x00\x00\x00IEND\xaeB`\x82"
JPG = b"\xff\xd8\xff\xe0" + b"0" * 40 + b"\xff\xd9"


def pdf(pages=1, password=None):
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(612, 792)
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("data, kind", [(pdf(), "pdf"), (PNG, "png"), (JPG, "jpg")])
def test_pdf_and_pictures_are_known_by_how_they_begin(data, kind):
    assert files.read(data).kind == kind


@pytest.mark.parametrize("data, says", [
    (b"", "empty"),
    (b"MZ" + b"0" * 90, "neither a PDF"),
    (b"<html>consent.pdf</html>", "neither a PDF"),
    (pdf()[:-60], "ends in the middle"),
    (PNG[:-12], "ends in the middle"),
    (JPG[:-2], "ends in the middle"),
    (b"%PDF-1.7\nnothing of it\n%%EOF\n", "damaged"),
    (pdf(password="secret"), "password"),
    (pdf(pages=201), "more than 200"),
    (pdf(pages=0), "no page"),
])  # fmt: skip
def test_what_cannot_be_kept_is_refused_in_words(data, says):
    with pytest.raises(BadInput, match=says):
        files.read(data)


def test_a_file_over_twenty_megabytes_is_refused(monkeypatch):
    monkeypatch.setattr(files, "LARGEST", len(JPG) - 1)
    with pytest.raises(BadInput, match="20 MB"):
        files.read(JPG)


def test_form_fields_of_a_pdf_suggest_what_to_confirm():
    fields = {
        "Participant Signature": ("/Tx", "Ann Miller"),
        "Date of signature": ("/Tx", "03/10/2026"),
        "Printed name": ("/Tx", " Ann Miller "),
        "Initials": ("/Tx", "AM"),
        "check_confirm": ("/Btn", "/Yes"),
        "Other": ("/Tx", "x"),
    }
    assert files.suggest(fields) == {
        "signature_text": "Ann Miller",
        "signed_on": date(2026, 3, 10),
        "printed_name": "Ann Miller",
        "initials": "AM",
        "check_mark": True,
    }


@pytest.mark.parametrize("fields, found", [
    ({"firma": ("/Sig", object())}, {"signature_is_image": True}),
    ({"Nombre": ("/Tx", "")}, {}),
    ({"Nombre": ("/Tx", "Ana\x00 \ud800\nRuiz\x00")}, {"printed_name": "Ana Ruiz"}),  # what no database keeps
    ({"Fecha": ("/Tx", "31/31/2026")}, {}),
    ({"agree": ("/Btn", "/Off")}, {}),
    ({"agree": ("/Btn", None)}, {}),
])  # fmt: skip
def test_empty_and_impossible_fields_suggest_nothing_wrong(fields, found):
    suggested = {key: value for key, value in files.suggest(fields).items() if value}
    assert suggested == found
