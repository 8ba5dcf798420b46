"""The words of a consent module, in Markdown that anyone can edit.

    # Title of a screen
    Paragraphs, with blank lines between them.
    - bullets

    ## question leave: Can I leave later?
    - [x] Yes, at any time
    - [ ] No, joining is for good
    > Shown after the answer, to teach what is right.

    ## sign
    What the person signs.
    agree: Yes, I want to join
    decline: No, I do not want to join
    not sure: I need more time

The markers `question`, `sign`, `agree:`, `decline:` and `not sure:` are the same in all languages.
"""

import re
from dataclasses import dataclass, field

_HEADING = re.compile(r"^(#{1,2})\s+(.+?)\s*$")
_QUESTION = re.compile(r"^question\s+([a-z][a-z0-9_-]*)\s*:\s*(.+)$")
_OPTION = re.compile(r"^- \[([ xX])\]\s+(.+?)\s*$")
_BUTTON = re.compile(r"^(agree|decline|not sure)\s*:\s*(.+?)\s*$")
_BUTTONS = ("agree", "decline", "not sure")


@dataclass
class AskedQuestion:
    """A question as parsed; `correct` is the place of the right option, from 0."""

    id: str
    text: str
    line: int
    options: list[str] = field(default_factory=list)
    marked: list[int] = field(default_factory=list)
    teaching: list[str] = field(default_factory=list)

    @property
    def correct(self) -> int:
        return self.marked[0] if self.marked else 0

    @property
    def teach(self) -> str:
        return " ".join(self.teaching)


@dataclass
class Parsed:
    """A file as parsed, with what is wrong in it by line."""

    screens: list[tuple[str, str]] = field(default_factory=list)
    questions: list[AskedQuestion] = field(default_factory=list)
    statement: str = ""
    buttons: dict[str, str] = field(default_factory=lambda: dict.fromkeys(_BUTTONS, ""))
    problems: list[tuple[int, str]] = field(default_factory=list)

    @property
    def shape(self) -> dict[str, object]:
        """What must be the same in every language."""
        asked = [(q.id, len(q.options), q.correct + 1) for q in self.questions]
        return {"screens": len(self.screens), "questions": asked}


def parse(source: str) -> Parsed:
    """The parts of a consent's words; see the module's text for the form."""
    result = Parsed()
    for heading, line, body in _sections(source, result):
        level, words = heading
        if level == 1:
            _screen(result, words, line, body)
        elif words == "sign":
            if result.statement:
                result.problems.append((line, "there is a second `## sign` part: which one would be signed?"))
            _sign(result, line, body)
        elif match := _QUESTION.match(words):
            _question(result, AskedQuestion(match[1], match[2], line), body)
        else:
            result.problems.append((line, "a heading with ## is either `## question ID: words` or `## sign`"))
    _whole(result)
    return result


Line = tuple[int, str]


def _sections(source: str, result: Parsed) -> list[tuple[tuple[int, str], int, list[Line]]]:
    sections: list[tuple[tuple[int, str], int, list[Line]]] = []
    for number, line in enumerate(source.splitlines(), start=1):
        if match := _HEADING.match(line):
            sections.append(((len(match[1]), match[2]), number, []))
        elif sections:
            sections[-1][2].append((number, line.rstrip()))
        elif line.strip():
            result.problems.append((number, "words before the first screen: begin with a line such as `# Welcome`"))
    return sections


def _screen(result: Parsed, title: str, line: int, body: list[Line]) -> None:
    text = "\n".join(words for _, words in body).strip()
    if not text:
        result.problems.append((line, f"the screen '{title}' is empty"))
    result.screens.append((title, text))


def _question(result: Parsed, question: AskedQuestion, body: list[Line]) -> None:
    for number, words in body:
        if option := _OPTION.match(words):
            if option[1] != " ":
                question.marked.append(len(question.options))
            question.options.append(option[2])
        elif words.startswith(">"):
            question.teaching.append(words[1:].strip())
        elif words.strip():
            result.problems.append((number, "in a question stand options `- [ ] words` and the explanation `> words`"))
    _complete(result, question)
    result.questions.append(question)


def _complete(result: Parsed, question: AskedQuestion) -> None:
    wrong = result.problems
    if any(question.id == other.id for other in result.questions):
        wrong.append((question.line, f"there are two questions '{question.id}'"))
    if len(question.options) < 2:
        wrong.append((question.line, f"question '{question.id}' needs at least two options"))
    if len(question.marked) != 1:
        message = f"question '{question.id}' needs exactly one right option `- [x]`, it has {len(question.marked)}"
        wrong.append((question.line, message))
    if not question.teaching:
        wrong.append((question.line, f"question '{question.id}' needs an explanation `> words`"))


def _sign(result: Parsed, line: int, body: list[Line]) -> None:
    statement: list[str] = []
    for _, words in body:
        if button := _BUTTON.match(words):
            result.buttons[button[1]] = button[2]
        else:
            statement.append(words)
    result.statement = "\n".join(statement).strip()
    if not result.statement:
        result.problems.append((line, "below `## sign` stands what the person signs"))
    for name, words in result.buttons.items():
        if not words:
            result.problems.append((line, f"below `## sign` a line `{name}: words` is missing"))


def _whole(result: Parsed) -> None:
    if not result.screens:
        result.problems.append((1, "there is no screen: begin with a line such as `# Welcome`"))
    if not any(result.buttons.values()):
        result.problems.append((1, "there is no `## sign` part, so nobody can answer"))
