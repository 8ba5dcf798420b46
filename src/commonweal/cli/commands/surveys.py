"""Surveys as files: authoring faults of a Questionnaire, whether a response answers one, and bringing both in."""

import argparse
import json
from pathlib import Path
from typing import Any

from commonweal.cli.console import Console
from commonweal.errors import BadInput
from commonweal.zone import Zone

HELP = "check FHIR R4 questionnaires, validate responses to them, and import both"


def add_subcommands(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    words = "say what would stop or mislead the people who answer; exit code 1 where something would"
    check = subparsers.add_parser("check", parents=[shared], help=words, description=words)
    check.add_argument(
        "files", nargs="+", metavar="FILE", help="FHIR R4 Questionnaire (JSON) or REDCap data dictionary (CSV)"
    )
    words = "say whether a response answers a questionnaire; exit code 1 where it does not"
    validate = subparsers.add_parser("validate", parents=[shared], help=words, description=words)
    validate.add_argument("response", metavar="RESPONSE", help="FHIR R4 QuestionnaireResponse (JSON)")
    validate.add_argument("--questionnaire", required=True, metavar="FILE", help="FHIR R4 Questionnaire (JSON)")

    words = "take in questionnaires and responses to them: FHIR R4 or DSTU2, as JSON, Bundle or NDJSON, also gzip; REDCap dictionaries as CSV"
    load = subparsers.add_parser("import", parents=[shared], help=words, description=words)
    load.add_argument("files", nargs="+", type=Path, metavar="FILE", help="in any order; safe to repeat")
    load.add_argument(
        "--questionnaire",
        default="",
        metavar="CODE[|VERSION]",
        help="what responses answer that name no form kept here",
    )
    load.add_argument(
        "--keep-invalid",
        action="store_true",
        help="keep responses whose answers break their form's rules, marked as invalid; they count for nothing",
    )

    load.add_argument("--out", type=Path, metavar="FOLDER", help="write the forms there too, as files for a protocol")


def zone(args: argparse.Namespace) -> Zone:
    return Zone.PORTAL if args.subcommand == "import" else Zone.OPEN


def run(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    if args.subcommand == "import":
        return _import(args, console)
    try:
        problems = _check(args.files) if args.subcommand == "check" else _validate(args.response, args.questionnaire)
    except RecursionError:
        raise BadInput("the items are nested deeper than can be read") from None
    lines = [_line(problem) for problem in problems]
    text = "\n".join([*lines, f"{len(lines)} problem{'s' * (len(lines) != 1)}"]) if lines else "no problems"
    return {"valid": not problems, "problems": problems, "text": text, "exit_code": int(bool(problems))}


def _import(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    from commonweal import protocol
    from commonweal.home import Home
    from commonweal.vault.surveys.importing.run import import_files

    home = Home.locate(args.home).require()
    answer = import_files(
        args.files,
        home=home,
        protocol=protocol.load(home.protocol),
        console=console,
        questionnaire=args.questionnaire,
        keep_invalid=args.keep_invalid,
        out=args.out,
    )
    return answer if args.json else answer | {"text": _words(answer)}


def _words(answer: dict[str, Any]) -> str:
    said = [
        f"{answer['accepted']:,} taken in, {answer['unchanged']:,} there already, {answer['rejected']:,} rejected,"
        f" {answer['unmatched']:,} of people who are not in the program"
    ]
    if answer["report"]:
        said.append(f"What was not taken, and why: {answer['report']}")
    for form in answer["forms"]:
        code = form["questionnaire"]
        said.append(
            f"Questionnaire {code}, version {form['version']}, is kept. To open it to participants, put its file into the"
            f" protocol's folder as surveys/{code}.json and {code} into `surveys` of program.toml."
        )
    return "\n".join([*said, *answer["problems"]])


def _check(files: list[str]) -> list[dict[str, Any]]:
    from commonweal.protocol.surveys import line_of
    from commonweal.r4.questionnaire import faults

    found: list[dict[str, Any]] = []
    for file in files:
        if file.lower().endswith(".csv"):
            found += _check_dictionary(file)
            continue
        source, questionnaire = _questionnaire(file)
        for fault in faults(questionnaire):
            line = line_of(source, fault.linkId, last=fault.code == "duplicate-link-id")
            found.append({"file": file, "line": line, **fault._asdict()})
    return found


def _check_dictionary(file: str) -> list[dict[str, Any]]:
    """What of a REDCap data dictionary is not carried over, then the faults of its forms; `line` is the row."""
    from commonweal.r4 import redcap
    from commonweal.r4.questionnaire import Questionnaire, faults

    documents, told = redcap.questionnaires(
        _text(file, "the dictionary"), base_url="https://example.org", language="en"
    )
    found = [
        {"file": file, "line": one.row, "linkId": one.field, "code": "not-carried-over", "message": one.message}
        for one in told
    ]
    forms = (Questionnaire(document) for document in documents)
    return found + [{"file": file, "line": 1, **fault._asdict()} for form in forms for fault in faults(form)]


def _validate(response: str, questionnaire_file: str) -> list[dict[str, Any]]:
    from commonweal.r4.questionnaire import validate

    _, questionnaire = _questionnaire(questionnaire_file)
    _, document = _json(response, "the response")
    return [problem._asdict() for problem in validate(document, questionnaire)]


def _questionnaire(file: str) -> tuple[str, Any]:
    from commonweal.r4.questionnaire import Questionnaire

    source, document = _json(file, "the questionnaire")
    try:
        return source, Questionnaire(document)
    except ValueError as error:
        raise BadInput(f"{file}: {error}") from error


def _json(file: str, what: str) -> tuple[str, Any]:
    source = _text(file, what)
    try:
        document = json.loads(source)
        json.dumps(document, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise BadInput(f"{what} is no JSON: {error.msg} on line {error.lineno}") from error
    except UnicodeEncodeError as error:
        raise BadInput(f"{what} holds half of a character (a lone surrogate); write it whole") from error
    except ValueError as error:
        raise BadInput(f"{what} holds a number of too many digits") from error
    return source, document


def _text(file: str, what: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadInput(f"{what} cannot be read: {error.strerror}; give the path of a file") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{what} is not in UTF-8") from error


def _line(problem: dict[str, Any]) -> str:
    place = f"{problem['file']}:{problem['line']}: " if "file" in problem else ""
    item = f"item '{problem['linkId']}': " if problem["linkId"] else ""
    return f"{place}{item}{problem['message']} ({problem['code']})"
