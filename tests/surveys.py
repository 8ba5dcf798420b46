"""Surveys that tests make: forms from few words, in both languages, and programs that ask them."""

import json
import shutil

from commonweal import protocol as protocols
from commonweal.ui import context

HL7 = "http://hl7.org/fhir/StructureDefinition/"
TRANSLATION = HL7 + "translation"
UCUM = "http://unitsofmeasure.org"


def words(key, en, es):
    parts = [{"url": "lang", "valueCode": "es"}, {"url": "content", "valueString": es}]
    return {key: en, f"_{key}": {"extension": [{"url": TRANSLATION, "extension": parts}]}}


def item(link, kind, en, es=None, **more):
    return {"linkId": link, "type": kind} | words("text", en, es or f"{en} (es)") | more


def group(link, en, *items, **more):
    return item(link, "group", en, **more) | {"item": list(items)}


def option(code, en, es=None, alone=False):
    found = {
        "valueCoding": {"system": "http://commonweal.example/answers", "code": code} | words("display", en, es or en)
    }
    extension = [{"url": HL7 + "questionnaire-optionExclusive", "valueBoolean": True}] if alone else []
    return found | ({"extension": extension} if alone else {})


def extension(name, **value):
    return {"url": HL7 + name} | value


def entry_format(en, es):
    return extension("entryFormat", **words("valueString", en, es))


def unit(code, en, es, name="questionnaire-unitOption"):
    return extension(name, valueCoding={"system": UCUM, "code": code} | words("display", en, es))


def form(code, *items, version="1"):
    head = {"resourceType": "Questionnaire", "name": code, "version": version, "status": "active", "language": "en"}
    head["url"] = f"http://commonweal.example/Questionnaire/{code}"
    return head | words("title", "A trial survey", "Una encuesta de prueba") | {"item": list(items)}


def program_with(folder, monkeypatch, *documents):
    """From now on the program asks these surveys too, of a folder that is made for it. Answers its protocol."""
    written(folder, *documents)
    monkeypatch.setattr(context, "_folder", lambda home: folder)
    return protocols.load(folder)


def written(folder, *documents):
    """A program's folder with these surveys."""
    if not folder.exists():
        shutil.copytree(protocols.DEFAULT, folder)
    codes = [document["name"] for document in documents]
    for document in documents:
        (folder / "surveys" / f"{document['name']}.json").write_text(json.dumps(document))
    program = folder / "program.toml"
    text = program.read_text()
    new = "".join(f', "{code}"' for code in codes if f'"{code}"' not in text)
    start = text.index("surveys = [")
    end = text.index("]", start)
    program.write_text(text[:end].rstrip().rstrip(",") + new + text[end:])
    settings = folder / "surveys.toml"
    open_now = "".join(
        f"\n[surveys.{code}]\nbaseline = true\n" for code in codes if f"[surveys.{code}]" not in settings.read_text()
    )
    settings.write_text(settings.read_text() + open_now)
    return folder


def every_kind():
    """A form with a question of every kind that a page takes."""
    fruit = [option("apple", "Apple", "Manzana"), option("pear", "Pear", "Pera")]
    none = option("none", "None of these", "Ninguna de estas", alone=True)
    long = [option(f"c{n}", f"Country {n}", f"País {n}") for n in range(20)]
    born = {"extension": [entry_format("MM/YYYY", "MM/AAAA")]}
    tall = [
        unit("[ft_i]", "feet", "pies"),
        unit("[in_i]", "inches", "pulgadas"),
        unit("cm", "centimeters", "centímetros"),
    ]
    most = {"extension": [extension("maxValue", valueDecimal=500)]}
    zip_code = [extension("regex", valueString="[0-9]{5}"), entry_format("60607", "60607")]
    bmi = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"
    twice = {
        "url": bmi,
        "valueExpression": {
            "language": "text/fhirpath",
            "expression": "%resource.item.item.where(linkId='whole').answer.value * 2",
        },
    }
    return form(
        "EveryKind",
        group(
            "first",
            "Some facts",
            item("hello", "display", "There are no wrong answers.", "No hay respuestas incorrectas."),
            item("yes", "boolean", "Do you like walking?", "¿Le gusta caminar?"),
            item("whole", "integer", "How many people live with you?", "¿Cuántas personas viven con usted?"),
            item("part", "decimal", "How much do you spend?", "¿Cuánto gasta usted?", **most),
            item("one", "choice", "Which fruit?", "¿Qué fruta?", answerOption=fruit),
            item("why", "string", "Why that one?", "¿Por qué esa?", enableWhen=[{"question": "one", "operator": "=", "answerCoding": {"system": "http://commonweal.example/answers", "code": "pear"}}]),
            item("many", "choice", "Which fruits?", "¿Qué frutas?", repeats=True, answerOption=[*fruit, none]),
            item("country", "choice", "Which country?", "¿Qué país?", answerOption=long),
            item("own", "open-choice", "Which drink?", "¿Qué bebida?", answerOption=fruit),
        ),
        group(
            "second",
            "Times and amounts",
            item("day", "date", "When did you move?", "¿Cuándo se mudó?"),
            item("month", "date", "In which month?", "¿En qué mes?", **born),
            item("moment", "dateTime", "When did you last eat?", "¿Cuándo comió por última vez?"),
            item("clock", "time", "When do you get up?", "¿A qué hora se levanta?"),
            item("height", "quantity", "How tall are you?", "¿Cuánto mide?", extension=tall),
            item("line", "string", "ZIP code", "Código postal", extension=zip_code),
            item("long", "text", "Anything else?", "¿Algo más?", maxLength=200),
            item("site", "url", "Your web page", "Su página web"),
        ),
        group(
            "third",
            "Lists",
            item("names", "string", "Medicines", "Medicinas", repeats=True),
            group("child", "Child", item("child_name", "string", "Name", "Nombre"), item("child_age", "integer", "Age", "Edad"), repeats=True),
            item("fixed", "integer", "Twice the people", "El doble de personas", readOnly=True, extension=[twice]),
            item("first_answer", "string", "Your state", "Su estado", initial=[{"valueString": "Illinois"}]),
        ),
    )  # fmt: skip
