"""The way to a clinic and back: SMART App Launch 2.2, standalone launch of a patient, with PKCE."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from commonweal.errors import BadInput
from commonweal.protocol.clinics import Clinic
from commonweal.vault.linking import oauth
from commonweal.vault.linking.oauth import Attempt, Service
from commonweal.vault.records.mediated import credentials, discovery, scopes, searches

log = logging.getLogger(__name__)


class NotGiven(Exception):
    """The clinic answered, and gave nothing that can be used. `code`: no_patient, nothing, or elsewhere."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def begin(clinic: Clinic, redirect_uri: str) -> Attempt:
    """A new way there. Raises oauth.Unreachable; discovery.Unfit."""
    return oauth.begin(service_of(clinic), redirect_uri, {"aud": clinic.fhir_base})


def service_of(clinic: Clinic) -> Service:
    """The clinic's OAuth, as its server tells it now. Raises oauth.Unreachable; discovery.Unfit."""
    found = discovery.of(clinic)
    return Service(
        client_id=clinic.client_id,
        authorize_url=found.authorize_url,
        token_url=found.token_url,
        revoke_url=found.revoke_url,
        scope=scopes.asked(found, clinic, searches.types()),
        client_secret=credentials.secret_of(clinic.id),
        assertion=_assertion(clinic, found),
    )


def _assertion(clinic: Clinic, found: discovery.Configuration) -> Callable[[], str] | None:
    """How we sign there; None where we do not. Raises discovery.Unfit, so that nobody is sent where we cannot follow."""
    if clinic.key and found.algorithms and clinic.algorithm not in found.algorithms:
        raise discovery.Unfit("it does not take the signatures that clinics.toml names")
    try:
        return credentials.assertion_of(clinic.id, found.token_url, credentials.signing_of(clinic))
    except BadInput as problem:
        log.error("clinics.toml, %s: %s", clinic.id, problem)
        raise discovery.Unfit("our key for it cannot be used") from None


def finish(
    clinic: Clinic, code: str, verifier: str, redirect_uri: str, issuer: str = ""
) -> tuple[Service, dict[str, str]]:
    """The tokens for a code, with the patient whom they are about, and the clinic's OAuth.

    `issuer`: who says that it sent the person back (RFC 9207): it must be who this clinic is. Raises oauth.Unreachable;
    discovery.Unfit; NotGiven, after giving back what cannot be used.
    """
    known = discovery.of(clinic).issuer
    if issuer and known and issuer.rstrip("/") != known.rstrip("/"):
        raise NotGiven("elsewhere")
    service = service_of(clinic)
    tokens = oauth.exchange(service, code, verifier, redirect_uri)
    problem = _problem(tokens)
    if problem:
        give_back(service, tokens)
        raise NotGiven(problem)
    return replace(service, scope=tokens.get("scope", "")), tokens


def _problem(tokens: dict[str, str]) -> str:
    if not tokens.get("patient"):
        return "no_patient"
    kinds = scopes.granted(tokens.get("scope", ""))
    return "nothing" if kinds is not None and not kinds & searches.types() else ""


def give_back(service: Service, tokens: dict[str, str]) -> None:
    """Tell the clinic that these tokens are not wanted, if it can be told."""
    if service.revoke_url:
        with suppress(oauth.Unreachable):  # they end by themselves, and nobody holds them
            oauth.revoke(service, tokens)
