"""Documents of consent: archival, whole, made once, and safe from what people write."""

import hashlib
import io
import stat

import pypdf
import pytest
from django.conf import settings
from django.utils import timezone

from commonweal import protocol as protocols
from commonweal.errors import BadInput, Refused
from commonweal.vault import typeset
from commonweal.vault.consent import actions, documents, pdf
from commonweal.vault.consent.contents import contents_of
from commonweal.vault.consent.models import ConsentAnswer, ConsentDocument, Signature
from commonweal.vault.consent.signing import SignatureGiven
from commonweal.vault.people import actions as people_actions
from commonweal.vault.people.models import Account

pytestmark = pytest.mark.django_db
PROGRAM = protocols.load(protocols.DEFAULT)
STROKE = "M10 20L200 30.5L400 180"
ANN = {"birth_date": timezone.now().date().replace(year=1970, day=1), "sex_at_birth": "female"}


@pytest.fixture
def say():
    """say(given_name, answer="yes", language="en", signature=None) -> the document of a new person's answer to `primary`."""
    number = iter(range(100))

    def say(name="Ann Ng", answer="yes", language="en", **more):
        account = Account.objects.create_user(f"ann{next(number)}@example.org", "a long enough password")
        person = people_actions.register(account, language="en")
        told = {question.id: question.eligible_when for question in PROGRAM.eligibility}
        people_actions.answer_eligibility(person, told, PROGRAM, source="portal")
        people_actions.record_profile(person, ANN | {"given_name": name, "family_name": ""}, source="portal")
        people_actions.pair(person, "mesa-verde-phoenix", source="portal")
        text = PROGRAM.consents["primary"].current.texts[language]
        signed = {"signed_name": name if answer == "yes" else "", "content_sha256": text.sha256, "language": language}
        return actions.answer_module(person, "primary", answer, protocol=PROGRAM, source="portal", **signed, **more)

    return say


def made(answer):
    document = documents.render(answer.document.pk)
    assert document.state == ConsentDocument.READY
    return document, pypdf.PdfReader(io.BytesIO(documents.content(document)))


def text_of(reader):
    return " ".join("\n".join(page.extract_text() for page in reader.pages).split())


def test_the_pdf_is_archival_tagged_and_says_all(say):
    answer = say()
    document, reader = made(answer)
    root = reader.trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("en", True)
    assert "/StructTreeRoot" in root and "/OutputIntents" in root
    about = root["/Metadata"].get_data().decode()
    assert 'pdfaid:part="2"' in about or "<pdfaid:part>2</pdfaid:part>" in about
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in about
    assert "<pdfuaid:part>1</pdfuaid:part>" in about
    said = text_of(reader)
    text = PROGRAM.consents["primary"].current.texts["en"]
    wanted = [
        *(s.title for s in text.screens),
        *(q.text for q in text.questions),
        text.agree,
        "Ann Ng",
        str(document.uuid),
    ]
    for words in (*wanted, "America/Phoenix", "(UTC)", " ".join(text.statement.split())):
        assert words in said, words
    assert text.sha256 in said.replace(" ", "")


def test_it_is_in_the_language_of_the_answer(say):
    _, reader = made(say(language="es"))
    assert reader.trailer["/Root"]["/Lang"] == "es"
    assert PROGRAM.consents["primary"].current.texts["es"].screens[0].title in text_of(reader)


HOSTILE = [
    '#panic("x")',
    "$ x^2 $ #{1+1}",
    "\\ \" ' `raw` ```block``` *b* _e_ = h",
    '// c /* d */ <label> @ref [content] #import "/etc/passwd": *',
    '#read("/etc/passwd")',
    "]#pagebreak()[",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_what_people_write_is_never_markup(say, name):
    """Typst reads what people write as data: it is in the PDF as they wrote it."""
    _, reader = made(say(name))
    plain = (" ".join(name.split())).replace("'", "’")
    assert plain.replace(" ", "") in text_of(reader).replace(" ", "").replace("'", "’")


@pytest.mark.parametrize("name", ["محمد علي", "王小明", "Дмитрий", "क्षितिज", "Ngữ", "O", "x" * 100])
def test_names_of_any_script_do_not_stop_a_document(say, name):
    made(say(name))


def test_letters_that_no_font_has_are_boxes_and_told(say, monkeypatch):
    answer = say("Ann 王")
    contents = contents_of(answer, PROGRAM, answer.document.uuid)
    import typst

    alone = typst.Compiler(ignore_system_fonts=True)
    monkeypatch.setattr(typeset, "_compiler", lambda: alone)
    said = text_of(pypdf.PdfReader(io.BytesIO(pdf.make(contents, answer.event_time))))
    assert "Ann □" in said and "U+738B" in said


def test_a_drawing_is_in_the_pdf_and_the_signature_beside_the_answer(say):
    answer = say(signature=SignatureGiven("drawn", "Ann Ng", STROKE))
    signature = Signature.objects.get(answer=answer)
    assert (signature.kind, signature.drawing, signature.signed_at) == ("drawn", STROKE, answer.event_time)
    _, reader = made(answer)
    assert "Signed by hand on the screen" in text_of(reader)


def test_the_same_answer_gives_the_same_bytes(say):
    contents = contents_of(answer := say(), PROGRAM, answer.document.uuid)
    assert pdf.make(contents, answer.event_time) == pdf.make(contents, answer.event_time)


def test_it_lies_in_the_store_for_the_owner_alone_with_its_digest(say):
    answer = say()
    document, _ = made(answer)
    path = settings.COMMONWEAL_HOME.vault_store / document.path
    assert document.path == f"consents/{document.uuid.hex[:2]}/{document.uuid}.pdf"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert hashlib.sha256(path.read_bytes()).hexdigest() == document.sha256
    assert document.size == path.stat().st_size
    assert [one.name for one in path.parent.iterdir() if one.name.startswith(".")] == []
    before = path.stat().st_mtime_ns
    assert documents.render(document.pk).sha256 == document.sha256  # a second time changes nothing
    assert path.stat().st_mtime_ns == before


def test_a_lost_file_is_made_anew_and_given_only_if_it_is_the_same(say):
    document, _ = made(say())
    path = settings.COMMONWEAL_HOME.vault_store / document.path
    path.unlink()
    assert hashlib.sha256(documents.content(document)).hexdigest() == document.sha256
    assert path.is_file()
    path.unlink()
    ConsentDocument.objects.filter(pk=document.pk).update(sha256="0" * 64)
    document.refresh_from_db()
    with pytest.raises(Refused, match="not the one that was made"):
        documents.content(document)
    assert not path.exists()


def test_a_lost_file_that_cannot_be_made_anew_now_is_refused_in_words(say, monkeypatch):
    document, _ = made(say())
    (settings.COMMONWEAL_HOME.vault_store / document.path).unlink()

    def away(*_):
        raise BadInput("typst is away")

    monkeypatch.setattr(pdf, "make", away)
    with pytest.raises(Refused, match="could not be made anew"):
        documents.content(document)


def test_only_a_decision_given_here_has_a_document(say):
    assert not ConsentDocument.objects.filter(answer=say(answer="not_sure")).exists()
    assert not ConsentDocument.objects.filter(answer=say(answer="later")).exists()
    assert not ConsentDocument.objects.filter(answer=say(method="paper")).exists()
    answer = say(answer="no")
    _, reader = made(answer)
    assert "This answer is not a consent" in text_of(reader)
    assert not Signature.objects.filter(answer=answer).exists()


def test_what_failed_is_tried_again_a_few_times_and_not_for_ever(say, monkeypatch):
    answer = say()

    def away(*_):
        raise BadInput("typst is away")

    with monkeypatch.context() as here:
        here.setattr(pdf, "make", away)
        for _ in range(documents.ATTEMPTS + 2):
            assert documents.render_waiting() == 0
    document = ConsentDocument.objects.get(answer=answer)
    assert (document.state, document.attempts) == (ConsentDocument.FAILED, documents.ATTEMPTS)
    assert documents.render_waiting() == 0
    ConsentDocument.objects.update(attempts=0)
    assert documents.render_waiting() == 1


def test_one_that_fails_in_a_way_nobody_foresaw_holds_up_no_other(say, monkeypatch, caplog):
    odd, other = say(), say()
    made = pdf.make

    def make(contents, moment):
        if contents == contents_of(odd, PROGRAM, odd.document.uuid):
            raise ZeroDivisionError("words that may name Ana García")
        return made(contents, moment)

    monkeypatch.setattr(pdf, "make", make)
    assert documents.render_waiting() == 1
    states = dict(ConsentDocument.objects.values_list("answer_id", "state"))
    assert states == {odd.pk: ConsentDocument.FAILED, other.pk: ConsentDocument.READY}
    assert "ZeroDivisionError" in caplog.text
    assert "Ana" not in caplog.text


def test_a_text_that_the_program_no_longer_holds_fails_and_says_so(say):
    answer = say()
    answer.content_sha256 = "0" * 64
    with pytest.raises(Refused, match="no longer holds the text"):
        contents_of(answer, PROGRAM, answer.document.uuid)


def test_the_queue_makes_the_document_after_the_commit(say, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = say()
        assert answer.document.state == ConsentDocument.WAITING
    assert ConsentDocument.objects.get(answer=answer).state == ConsentDocument.READY


def test_an_answer_stands_where_the_queue_does_not(say, django_capture_on_commit_callbacks, monkeypatch):
    from commonweal.vault.consent import tasks

    class Gone:
        def enqueue(self, *_):
            raise RuntimeError("no queue")

    monkeypatch.setattr(tasks, "render_document", Gone())
    with django_capture_on_commit_callbacks(execute=True):
        answer = say()
    assert ConsentAnswer.objects.filter(pk=answer.pk).exists()
    assert documents.render_waiting() == 1
