"""A program that knows the clinics of `fhir_server`, and somebody who goes there, as tests need them."""

from dataclasses import replace
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from commonweal.protocol.clinics import Clinic, Clinics, Export
from commonweal.ui.context import current_protocol

CLIENT = "commonweal-test"


def known(monkeypatch, *servers, **more):
    """The protocol names a clinic for each of these servers: lakeside, lakeside-2, …; `more` of the clinic."""
    from commonweal.vault.records.mediated import directory

    clinics = [
        Clinic(
            id="lakeside" if not number else f"lakeside-{number + 1}",
            name="Lakeside Clinic" if not number else f"Lakeside Clinic {number + 1}",
            fhir_base=server.base,
            client_id=CLIENT,
            **{"city": "Chicago", "state": "IL", **more},
        )
        for number, server in enumerate(servers)
    ]
    program = replace(current_protocol(), clinics=Clinics(clinics=tuple(clinics)))
    monkeypatch.setattr(directory, "current_protocol", lambda: program)
    return clinics


def new_key(home, public_keys, kind="ES384", name="lakeshore.pem"):
    """A private key in the vault's keys; the server knows the public one as k1. Returns the file."""
    key = ec.generate_private_key(ec.SECP384R1()) if kind == "ES384" else rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    home.vault_keys.mkdir(parents=True, exist_ok=True)
    path = home.vault_keys / name
    path.write_bytes(pem)
    path.chmod(0o600)
    public_keys["k1"] = key.public_key()
    return path


def export_of(server, **more):
    return Export(
        site="lakeshore-chicago", fhir_base=server.base, client_id=CLIENT, key="lakeshore.pem", key_id="k1", **more
    )


def go_there(client, server, patient="p1", clinic="lakeside"):
    """Open the clinic's page and agree there; the address (path and query) to which the browser is sent back."""
    from django.urls import reverse

    page = client.get(reverse("clinic", args=[clinic]))
    back = urlsplit(server.smart.agree(page.context["url"], patient))
    return f"{back.path}?{back.query}"


def connect(client, server, patient="p1", clinic="lakeside"):
    return client.get(go_there(client, server, patient, clinic), follow=True).content.decode()
