"""A whole program, read and ready to use."""

from dataclasses import dataclass
from pathlib import Path

from commonweal.omop.local_codes import LocalCodes
from commonweal.protocol.biospecimens import Biospecimens
from commonweal.protocol.clinics import Clinics
from commonweal.protocol.consents import ConsentModule
from commonweal.protocol.matching import Matching
from commonweal.protocol.measurements import Measurements
from commonweal.protocol.pages import Page
from commonweal.protocol.partners import Partners, Site
from commonweal.protocol.privacy import Privacy
from commonweal.protocol.program import EligibilityQuestion, Program
from commonweal.protocol.quality import Quality
from commonweal.protocol.reference import ReferenceTable
from commonweal.protocol.representation import Representation
from commonweal.protocol.results import Results
from commonweal.protocol.safety import Safety
from commonweal.protocol.survey_settings import BySurvey, Instrument
from commonweal.protocol.surveys import Survey
from commonweal.r4.mapping.extending import Extensions


@dataclass(frozen=True)
class Protocol:
    """A program. `consents` and `surveys` are in the order in which people meet them; `digest` names all files' content."""

    folder: Path
    digest: str
    program: Program
    consents: dict[str, ConsentModule]
    surveys: dict[str, Survey]
    survey_settings: BySurvey  # those without an entry have the defaults
    instruments: dict[str, Instrument]
    safety: Safety
    measurements: Measurements
    biospecimens: Biospecimens
    representation: Representation
    privacy: Privacy
    results: Results
    matching: Matching
    partners: Partners
    quality: Quality
    reference: dict[str, ReferenceTable]
    pages: dict[str, Page]  # what everybody may read, in order
    local_codes: LocalCodes  # codes that sites made for themselves
    elements: Extensions  # elements of records that only their systems write
    glossary: dict[str, dict[str, str]]  # language -> term -> plain words
    clinics: Clinics = Clinics()

    @property
    def name(self) -> str:
        """The program's short name, as manifests give it (not localised)."""
        return self.program.id

    @property
    def version(self) -> str:
        return self.program.version

    @property
    def languages(self) -> tuple[str, ...]:
        return self.program.languages

    @property
    def baseline(self) -> tuple[str, ...]:
        """The surveys of the baseline, in order."""
        return self.survey_settings.baseline(self.surveys)

    @property
    def eligibility(self) -> tuple[EligibilityQuestion, ...]:
        return self.program.eligibility

    @property
    def sites(self) -> dict[str, Site]:
        return self.partners.sites
