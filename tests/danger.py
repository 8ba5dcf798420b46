"""A copy of the default program that has put instruments into the slot of emotional health, as a program may who owns them.

The words are none of an instrument's: "Item 1" is enough to see what is done with codes and numbers.
"""

import json
import re
import shutil
from pathlib import Path

from commonweal import protocol
from commonweal.r4.questionnaire import PPI
from commonweal.r4.scoring import ORDINAL

TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
BASELINE = '"TheBasics", "OverallHealth", "Lifestyle"'
APPROVED = 'approved_by = "Ethics board of the test, 2026-1"\napproved_on = 2026-01-05'


def both(key, english, spanish):
    parts = [{"url": "lang", "valueCode": "es"}, {"url": "content", "valueString": spanish}]
    return {key: english, f"_{key}": {"extension": [{"url": TRANSLATION, "extension": parts}]}}


def option(code, value, english, spanish):
    coding = {"system": PPI, "code": code, **both("display", english, spanish)}
    return {"extension": [{"url": ORDINAL, "valueDecimal": value}], "valueCoding": coding}


def item(code, low, high):
    options = [option(f"{code}_{n}", n, f"Answer {n}", f"Respuesta {n}") for n in range(int(low), int(high) + 1)]
    words = both("text", f"Item {code}", f"Pregunta {code}")
    return {"linkId": code, "code": [{"system": PPI, "code": code}], "type": "choice", "answerOption": options, **words}


def questionnaire(*names, code="ehhwb", program=None):
    """A Questionnaire with each instrument on a page of its own."""
    known = (program or protocol.load(protocol.DEFAULT)).instruments
    pages = [
        {
            "linkId": f"page_{name}",
            "type": "group",
            **both("text", f"Page {name}", f"Página {name}"),
            "item": [item(one, *known[name].values) for one in known[name].items],
        }
        for name in names
    ]
    named = {"resourceType": "Questionnaire", "url": f"http://example.org/{code}", "version": "1", "name": code}
    return named | {
        "status": "active",
        "language": "en",
        **both("title", "How you feel", "Cómo se siente"),
        "item": pages,
    }


def program(folder, *names, approved=True, plan=True) -> Path:
    """A protocol folder that asks `names` (such as phq9) in the slot ehhwb, and says in surveys.toml that it has these."""
    shutil.copytree(protocol.DEFAULT, folder)
    baseline_alone(folder)
    (folder / "surveys" / "ehhwb.json").write_text(json.dumps(questionnaire(*names)), encoding="utf-8")
    change(folder, "program.toml", '"Lifestyle"', '"Lifestyle", "ehhwb"')
    carried = ", ".join(f'"{name}"' for name in names)
    change(folder, "surveys.toml", '["gad7", "phq9", "suicidality", "ace", "pcl6"]', f"[{carried}]")
    if approved:
        change(folder, "safety.toml", 'approved_by = ""', APPROVED)
    if not plan:
        change(folder, "surveys.toml", 'response_plan = "emotional-health"\n', "")
    return folder


def baseline_alone(folder):
    """Leave the longer surveys out, so that reading the program takes a moment and not a second."""
    path = folder / "program.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"(?m)^surveys = \[[^\]]*\]", f"surveys = [{BASELINE}]", text), encoding="utf-8")


def change(folder, name, old, new):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{name} does not hold {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def chosen(code, value):
    """The answer to an item of `questionnaire`."""
    return [{"valueCoding": {"system": PPI, "code": f"{code}_{value}"}}]


def hand_in_baseline(person, program):
    """What everybody is asked first, so that the rest opens: one answer each."""
    from commonweal.vault.surveys import actions

    for code in program.baseline:
        survey = program.surveys[code]
        item = next(one for one in survey.questionnaire.items.values() if one.options and not one.enable_when)
        actions.hand_in(person, survey, {item.link_id: [item.options[0].answer]}, language="en", source="test")
