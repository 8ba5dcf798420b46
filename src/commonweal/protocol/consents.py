"""Consent modules as values: each has versions, each version a default text and, where places ask for it, forms of its own."""

from typing import NamedTuple

CARE, HOME, CARE_OR_HOME = "care", "home", "care_or_home"


class Screen(NamedTuple):
    """One screen: `body` is plain paragraphs with blank lines between them; lines that begin with "- " are bullets."""

    title: str
    body: str


class Option(NamedTuple):
    id: str
    text: str


class Question(NamedTuple):
    """A question that lets people check what they understood; `teach` explains the `correct` option (its id)."""

    id: str
    text: str
    options: tuple[Option, ...]
    correct: str
    teach: str


class ConsentText(NamedTuple):
    """All words of one form in one language; `sha256` is of the file that holds them, line ends made the same."""

    sha256: str
    screens: tuple[Screen, ...]
    questions: tuple[Question, ...]
    statement: str
    agree: str
    decline: str
    not_sure: str


class ConsentForm(NamedTuple):
    """A variant of a version's text for people of some states; the default one has no id and fits whom no other fits.

    `by`: care (the state of the person's site), home (where they live), care_or_home (home only where no site is known).
    `initials`: whether they are asked for beside the signature. `expires_after_days`: how long a yes to it holds.
    """

    id: str
    texts: dict[str, ConsentText]
    states: tuple[str, ...] = ()
    by: str = CARE
    initials: bool = False
    expires_after_days: int | None = None

    def fits(self, care_state: str | None, home_state: str | None) -> bool:
        where = {CARE: care_state, HOME: home_state, CARE_OR_HOME: care_state or home_state}
        return where[self.by] in self.states


class ConsentVersion(NamedTuple):
    """One version. `texts` and `expires_after_days` are those of the default form; `forms` are the others.

    `reconsent`: whether people who said yes to an earlier version are asked again; `why` says it in their words.
    """

    version: str
    expires_after_days: int | None
    texts: dict[str, ConsentText]
    forms: tuple[ConsentForm, ...] = ()
    reconsent: bool = False
    why: dict[str, str] = {}  # noqa: RUF012 (a NamedTuple's default, never changed)

    @property
    def default(self) -> ConsentForm:
        return ConsentForm("", self.texts, expires_after_days=self.expires_after_days)

    def form(self, form_id: str) -> ConsentForm | None:
        """The form of that id, "" for the default one; None where there is none."""
        return next((form for form in (self.default, *self.forms) if form.id == form_id), None)


class ConsentModule(NamedTuple):
    """A consent module: a yes to it grants `scopes`; it can be answered once those it `requires` are yes.

    `onboarding`: whether joining leads through it without a stop. `only_in`: the states where it is asked of those who live
    there (none: everywhere). `video`: by language, a file of the module's folder whose captions stand beside it.
    """

    id: str
    title: dict[str, str]
    summary: dict[str, str]
    scopes: tuple[str, ...]
    requires: tuple[str, ...]
    versions: tuple[ConsentVersion, ...]
    onboarding: bool = False
    only_in: tuple[str, ...] = ()
    video: dict[str, str] = {}  # noqa: RUF012 (a NamedTuple's default, never changed)

    @property
    def current(self) -> ConsentVersion:
        return self.versions[-1]

    def applies(self, home_state: str | None) -> bool:
        """Whether it is asked of somebody who lives in that state (None: not known yet)."""
        return not self.only_in or home_state in self.only_in


class FoundText(NamedTuple):
    """Words with all that they belong to."""

    module: ConsentModule
    version: ConsentVersion
    form: ConsentForm
    language: str
    text: ConsentText


def form_for(version: ConsentVersion, care_state: str | None, home_state: str | None) -> ConsentForm:
    """The form for somebody whose site is in `care_state` and who lives in `home_state` (two letters; None: not known)."""
    return next((form for form in version.forms if form.fits(care_state, home_state)), version.default)


def find_text(module: ConsentModule, sha256: str) -> FoundText | None:
    """The words of a module whose digest is `sha256`, in whichever version, form and language; None where there are none."""
    for version in module.versions:
        for form in (version.default, *version.forms):
            for language, text in form.texts.items():
                if text.sha256 == sha256:
                    return FoundText(module, version, form, language, text)
    return None
