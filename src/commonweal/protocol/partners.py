"""partners.toml: awardees, their organisations, and the sites where participants are met."""

from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from commonweal.protocol.base import Model

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
_ZONES = available_timezones()


def _zone(name: str) -> str:
    if name not in _ZONES:
        raise ValueError(f"'{name}' is no time zone of the IANA list, such as America/Chicago")
    return name


class Awardee(Model):
    id: Slug
    name: str


class Organisation(Model):
    id: Slug
    name: str
    awardee: str


class SiteEntry(Model):
    """A site as written in the file; `state` is the two-letter postal code."""

    id: Slug
    name: str
    organisation: str
    city: str
    state: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    timezone: Annotated[str, AfterValidator(_zone)]


class PartnersFile(Model):
    awardees: Annotated[tuple[Awardee, ...], Field(min_length=1)]
    organisations: Annotated[tuple[Organisation, ...], Field(min_length=1)]
    sites: Annotated[tuple[SiteEntry, ...], Field(min_length=1)]


class Site(SiteEntry):
    """A site with the awardee that it belongs to through its organisation."""

    awardee: str


class Partners(Model):
    """All partners by id, in the file's order."""

    awardees: dict[str, Awardee]
    organisations: dict[str, Organisation]
    sites: dict[str, Site]

    @classmethod
    def of(cls, file: PartnersFile) -> "Partners":
        organisations = {organisation.id: organisation for organisation in file.organisations}
        return cls(
            awardees={awardee.id: awardee for awardee in file.awardees},
            organisations=organisations,
            sites={
                site.id: Site(**site.model_dump(), awardee=organisations[site.organisation].awardee)
                for site in file.sites
                if site.organisation in organisations
            },
        )
