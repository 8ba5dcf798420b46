"""A process of one zone cannot import, connect to or read what belongs to the other, whatever its environment says."""

import subprocess
import sys

import pytest

from commonweal import zone as zones
from commonweal.home import Home
from commonweal.zone import Zone, ZoneError

SECRET = "postgresql://somebody:secret@localhost/vault"


def python(zone: Zone, home, code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], env=zones.child_environment(zone, home), capture_output=True, text=True
    )


@pytest.mark.parametrize(
    ("zone", "module"),
    [
        (Zone.RESEARCH, "commonweal.vault.people.models"),
        (Zone.RESEARCH, "commonweal.curation"),
        (Zone.PORTAL, "commonweal.workbench.researchers.models"),
        (Zone.PORTAL, "commonweal.curation"),
        (Zone.PORTAL, "commonweal.commons"),
        (Zone.BRIDGE, "commonweal.workbench.studio"),
        (Zone.BRIDGE, "commonweal.atlas"),
    ],
)
def test_the_other_zone_cannot_be_imported(zone, module, tmp_path):
    code = f"import django; django.setup(); import {module}"
    result = python(zone, tmp_path, code)
    assert result.returncode != 0
    assert "ZoneError" in result.stderr
    # the same import works where it belongs: the refusal is the zone's doing
    owner = Zone.RESEARCH if "workbench" in module or "atlas" in module else Zone.BRIDGE
    if module != "commonweal.commons":
        assert python(owner, tmp_path, code).returncode == 0


@pytest.mark.parametrize("zone", [Zone.PORTAL, Zone.BRIDGE])
def test_what_nothing_uses_is_not_loaded(zone, tmp_path):
    """pyarrow loads pandas with its first array wherever it is installed, in every command and every worker."""
    code = "import django; django.setup(); import pyarrow, sys; pyarrow.array([1]); assert 'pandas' not in sys.modules"
    assert python(zone, tmp_path, code).returncode == 0


def test_a_child_is_given_only_its_own_addresses(tmp_path, monkeypatch):
    monkeypatch.setenv("COMMONWEAL_VAULT_DATABASE_URL", SECRET)
    monkeypatch.setenv("COMMONWEAL_RESEARCH_DATABASE_URL", SECRET + "2")
    assert "COMMONWEAL_VAULT_DATABASE_URL" not in zones.child_environment(Zone.RESEARCH, tmp_path)
    assert "COMMONWEAL_RESEARCH_DATABASE_URL" not in zones.child_environment(Zone.BRIDGE, tmp_path)
    assert zones.child_environment(Zone.PORTAL, tmp_path)["COMMONWEAL_VAULT_DATABASE_URL"] == SECRET


def test_what_speaks_to_providers_is_the_portals_alone(tmp_path, monkeypatch):
    for name in ("EMAIL_URL", "SMS_TOKEN", "WEARABLES_FITBIT_CLIENT_SECRET"):
        monkeypatch.setenv(f"COMMONWEAL_{name}", "secret")
        assert zones.child_environment(Zone.PORTAL, tmp_path)[f"COMMONWEAL_{name}"] == "secret"
        for zone in (Zone.BRIDGE, Zone.RESEARCH):
            assert f"COMMONWEAL_{name}" not in zones.child_environment(zone, tmp_path)


@pytest.mark.parametrize(
    ("zone", "part"),
    [
        (Zone.RESEARCH, "vault_database_url"),
        (Zone.RESEARCH, "vault_store"),
        (Zone.RESEARCH, "vault_keys"),
        (Zone.RESEARCH, "bridge_keys"),
        (Zone.PORTAL, "bridge_keys"),
        (Zone.PORTAL, "research_database_url"),
        (Zone.PORTAL, "releases"),
        (Zone.BRIDGE, "research_database_url"),
        (Zone.BRIDGE, "research_keys"),
        (Zone.OPEN, "vault_store"),
    ],
)
def test_a_home_keeps_to_its_zone(zone, part, tmp_path):
    with pytest.raises(ZoneError):
        getattr(Home.locate(tmp_path, zone=zone), part)


def test_the_sites_share_no_database_key_or_cookie(tmp_path):
    code = (
        "from django.conf import settings as s; d = s.DATABASES['default'];"
        "print(d['NAME'], s.SECRET_KEY, s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.AUTH_USER_MODEL, s.LANGUAGE_COOKIE_NAME)"
    )
    portal = python(Zone.PORTAL, tmp_path, code).stdout.split()
    research = python(Zone.RESEARCH, tmp_path, code).stdout.split()
    assert len(portal) == len(research) == 6
    assert not set(portal) & set(research)
