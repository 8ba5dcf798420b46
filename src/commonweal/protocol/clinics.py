"""clinics.toml: where participants may fetch their own health records from, and the sites that offer bulk exports.

A program without the file has neither. Secrets stand in the vault's keys and never here.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from commonweal.protocol.addresses import Base
from commonweal.protocol.base import Model, Problem
from commonweal.protocol.partners import PartnersFile, Slug
from commonweal.protocol.reading import problem_at, read_toml

NAME = "clinics.toml"
ResourceType = Annotated[str, Field(pattern=r"^[A-Z][A-Za-z]{2,40}$")]
Id = Annotated[Slug, Field(max_length=60)]
KeyFile = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*\.pem$")]
Algorithm = Literal["ES384", "RS384"]


class Clinic(Model):
    """A place of care that gives people their own records by SMART App Launch.

    `fhir_base`: its FHIR R4 server; `client_id`: under which this program is registered there. `also`: other names by
    which people may look for it. `scopes`: how permission is asked for, where the server does not say it rightly: all
    kinds at once, or each. `leave_out`: kinds that this server does not give. `every_days`: how often it is asked again.
    `key`: where the program is registered there by a public key, the file in the vault's keys that holds the private one
    (PEM); `key_id` is its name at the server. `site`: the site that sends the program records of the same server: what
    both give counts once.
    """

    id: Id
    name: str
    fhir_base: Base
    client_id: str
    city: str = ""
    state: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    also: tuple[str, ...] = ()
    scopes: Literal["as-told", "all", "each"] = "as-told"
    leave_out: tuple[ResourceType, ...] = ()
    every_days: Annotated[int, Field(ge=1, le=365)] = 7
    key: KeyFile | None = None
    key_id: str = ""
    algorithm: Algorithm = "ES384"
    site: Slug | None = None

    @model_validator(mode="after")
    def _both_of_a_key(self) -> "Clinic":
        if bool(self.key) != bool(self.key_id):
            raise ValueError("key and key_id belong together")
        return self


class Export(Model):
    """A site's bulk export (FHIR Bulk Data Access 2), with authorisation of backend services.

    `key`: the file in the vault's keys that holds our private key (PEM), `key_id` its name at the server. `group`: the id
    of the Group whose members are exported; empty: all patients. `types`: kinds that are asked for; empty: those read.
    """

    site: Slug
    fhir_base: Base
    client_id: str
    key: KeyFile
    key_id: str
    algorithm: Algorithm = "ES384"
    group: Annotated[str, Field(pattern=r"^[A-Za-z0-9\-.]{1,64}$")] | None = None
    types: tuple[ResourceType, ...] = ()


class Clinics(Model):
    """The directory, in the file's order."""

    clinics: tuple[Clinic, ...] = ()
    exports: tuple[Export, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> "Clinics":
        for what, ids in (("id", [one.id for one in self.clinics]), ("site", [one.site for one in self.exports])):
            for this in ids:
                if ids.count(this) > 1:
                    raise ValueError(f"the {what} '{this}' stands there twice")
        return self

    def by_id(self) -> dict[str, Clinic]:
        return {one.id: one for one in self.clinics}

    def same_server(self) -> dict[str, str]:
        """Clinic -> the source whose records come from the same server: a site, or the first clinic with this address."""
        first = {one.fhir_base: one.site or one.id for one in reversed(self.clinics)}
        first |= {one.fhir_base: one.site for one in self.exports}
        told = {one.id: one.site or first[one.fhir_base] for one in self.clinics}
        return {clinic: source for clinic, source in told.items() if clinic != source}

    def export_of(self, site: str) -> Export | None:
        return next((one for one in self.exports if one.site == site), None)


def read_clinics(folder: Path, partners: PartnersFile | None, problems: list[Problem]) -> Clinics:
    """clinics.toml; an empty directory where there is no such file.

    An export is of a site that partners.toml names, as is the site of a clinic. A clinic bears no site's id: it would be
    taken for that site.
    """
    if not (folder / NAME).is_file():
        return Clinics()
    found = read_toml(folder, NAME, Clinics, problems, ()) or Clinics()
    sites = {one.id for one in partners.sites} if partners else set()
    named = [(("exports", n, "site"), one.site) for n, one in enumerate(found.exports)]
    named += [(("clinics", n, "site"), one.site) for n, one in enumerate(found.clinics) if one.site]
    for place, site in named if partners else ():
        if site not in sites:
            said = f"names the site '{site}', which there is not in partners.toml"
            problems.append(problem_at(folder, NAME, place, said))
    for number, clinic in enumerate(found.clinics):
        if clinic.id in sites:
            said = f"the id '{clinic.id}' is a site's: give the clinic another one, and name the site as its `site`"
            problems.append(problem_at(folder, NAME, ("clinics", number, "id"), said))
    return found
