"""Surveys as files: authoring faults of a Questionnaire, and whether a response answers one."""

import argparse
import json
from pathlib import Path
from typing import Any

from commonweal.cli.console import Console
from commonweal.errors import BadInput
from commonweal.zone import Zone

HELP = "check FHIR R4 questionnaires, and validate responses to them"


def add_subcommands(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    words = "say what would stop or mislead the people who answer; exit code 1 where something would"
    check = subparsers.add_parser("check", parents=[shared], help=words, description=words)
    check.add_argument("files", nargs="+", metavar="FILE", help="FHIR R4 Questionnaire (JSON)")
    words = "say whether a response answers a questionnaire; exit code 1 where it does not"
    validate = subparsers.add_parser("validate", parents=[shared], help=words, description=words)
    validate.add_argument("response", metavar="RESPONSE", help="FHIR R4 QuestionnaireResponse (JSON)")
    validate.add_argument("--questionnaire", required=True, metavar="FILE", help="FHIR R4 Questionnaire (JSON)")


def zone(args: argparse.Namespace) -> Zone:
    return Zone.OPEN


def run(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    try:
        problems = _check(args.files) if args.subcommand == "check" else _validate(args.response, args.questionnaire)
    except RecursionError:
        raise BadInput("the items are nested deeper than can be read") from None
    lines = [_line(problem) for problem in problems]
    text = "\n".join([*lines, f"{len(lines)} problem{'s' * (len(lines) != 1)}"]) if lines else "no problems"
    return {"valid": not problems, "problems": problems, "text": text, "exit_code": int(bool(problems))}


def _check(files: list[str]) -> list[dict[str, Any]]:
    from commonweal.protocol.surveys import line_of
    from commonweal.r4.questionnaire import faults

    found: list[dict[str, Any]] = []
    for file in files:
        source, questionnaire = _questionnaire(file)
        for fault in faults(questionnaire):
            line = line_of(source, fault.linkId, last=fault.code == "duplicate-link-id")
            found.append({"file": file, "line": line, **fault._asdict()})
    return found


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
    try:
        source = Path(file).read_text(encoding="utf-8-sig")
        return source, json.loads(source)
    except OSError as error:
        raise BadInput(f"{what} cannot be read: {error.strerror}; give the path of a JSON file") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{what} is not in UTF-8") from error
    except json.JSONDecodeError as error:
        raise BadInput(f"{what} is no JSON: {error.msg} on line {error.lineno}") from error


def _line(problem: dict[str, Any]) -> str:
    place = f"{problem['file']}:{problem['line']}: " if "file" in problem else ""
    item = f"item '{problem['linkId']}': " if problem["linkId"] else ""
    return f"{place}{item}{problem['message']} ({problem['code']})"
