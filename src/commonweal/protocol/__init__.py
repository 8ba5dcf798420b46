"""What a program is: a folder that anyone can edit, loaded and checked (house: *Protocol: a program is a folder*).

`load` gives a `Protocol` or raises BadInput with the first problem; `check` lists all problems by file and line.
`DEFAULT` is the complete program that ships with the package.
"""

from commonweal.protocol.base import DEFAULT, Problem, text
from commonweal.protocol.biospecimens import Biospecimens
from commonweal.protocol.consents import (
    ConsentForm,
    ConsentModule,
    ConsentText,
    ConsentVersion,
    FoundText,
    Question,
    Screen,
    find_text,
    form_for,
)
from commonweal.protocol.loading import check, current, load
from commonweal.protocol.measurements import Measurements
from commonweal.protocol.pages import Page, PageText, Section
from commonweal.protocol.partners import Partners, Site
from commonweal.protocol.privacy import Privacy
from commonweal.protocol.program import EligibilityQuestion, Program
from commonweal.protocol.protocol import Protocol
from commonweal.protocol.reference import ReferenceTable
from commonweal.protocol.representation import Representation
from commonweal.protocol.results import Results
from commonweal.protocol.safety import Safety
from commonweal.protocol.scopes import SCOPES, is_scope
from commonweal.protocol.survey_settings import SurveySettings
from commonweal.protocol.surveys import Survey

__all__ = [
    "DEFAULT",
    "SCOPES",
    "Biospecimens",
    "ConsentForm",
    "ConsentModule",
    "ConsentText",
    "ConsentVersion",
    "EligibilityQuestion",
    "FoundText",
    "Measurements",
    "Page",
    "PageText",
    "Partners",
    "Privacy",
    "Problem",
    "Program",
    "Protocol",
    "Question",
    "ReferenceTable",
    "Representation",
    "Results",
    "Safety",
    "Screen",
    "Section",
    "Site",
    "Survey",
    "SurveySettings",
    "check",
    "find_text",
    "form_for",
    "is_scope",
    "current",
    "load",
    "text",
]
