"""The layout of a program home, and who may touch which part of it (contract: Home).

A `Home` belongs to one zone: asking it for a part of another zone raises `ZoneError`.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from commonweal import files
from commonweal import zone as zones
from commonweal.errors import BadInput
from commonweal.zone import Zone, ZoneError

DEMO_NOTE = ".demo.json"  # in the home: what the demo was made with, and what became of it
IDENTIFIED = (Zone.PORTAL, Zone.BRIDGE)


@dataclass(frozen=True)
class Home:
    """Paths and addresses of one program, as far as `zone` may know them."""

    root: Path
    zone: Zone

    @classmethod
    def locate(cls, path: str | os.PathLike[str] | None = None, zone: Zone | None = None) -> "Home":
        """`path`, else $COMMONWEAL_HOME, else ./commonweal-home; for `zone`, else that of this process."""
        chosen = path or os.environ.get("COMMONWEAL_HOME") or "commonweal-home"
        return cls(Path(chosen).resolve(), zone or zones.current())

    def require(self) -> "Home":
        """Itself, if it is an initialised home; else BadInput."""
        if not (self.root / "protocol" / "program.toml").is_file():
            raise BadInput(f"no program home at {self.root}: make one with `commonweal init --home {self.root}`")
        return self

    def _for(self, *allowed: Zone) -> None:
        if self.zone not in allowed:
            raise ZoneError(f"a process of the {self.zone} zone asked for a part of: {', '.join(allowed)}")

    # open to every zone
    @property
    def protocol(self) -> Path:
        return self.root / "protocol"

    @property
    def vocabulary(self) -> Path:
        """Imported vocabulary tables (Parquet), beside what the package ships."""
        return self.root / "vocabulary"

    # identified zone
    @property
    def vault_database_url(self) -> str:
        self._for(*IDENTIFIED)
        return os.environ.get("COMMONWEAL_VAULT_DATABASE_URL") or _sqlite(self.root / "vault" / "db.sqlite3")

    @property
    def vault_store(self) -> Path:
        self._for(*IDENTIFIED)
        return _local_store("COMMONWEAL_VAULT_STORE", self.root / "vault" / "store")

    @property
    def vault_keys(self) -> Path:
        self._for(*IDENTIFIED)
        return self.root / "vault" / "keys"

    @property
    def outbox(self) -> Path:
        """Messages that would be sent, where no mail server and no provider of texts is named."""
        self._for(Zone.PORTAL)
        return self.root / "vault" / "outbox"

    @property
    def bridge_keys(self) -> Path:
        self._for(Zone.BRIDGE)
        return self.root / "bridge" / "keys"

    # de-identified zone: releases may be read by anyone who holds the folder
    @property
    def releases(self) -> Path:
        self._for(Zone.BRIDGE, Zone.RESEARCH, Zone.OPEN)
        return _local_store("COMMONWEAL_COMMONS_STORE", self.root / "commons") / "releases"

    @property
    def usage(self) -> Path:
        self._for(Zone.BRIDGE, Zone.RESEARCH)
        return _local_store("COMMONWEAL_COMMONS_STORE", self.root / "commons") / "usage"

    @property
    def research_database_url(self) -> str:
        self._for(Zone.RESEARCH)
        return os.environ.get("COMMONWEAL_RESEARCH_DATABASE_URL") or _sqlite(self.root / "research" / "db.sqlite3")

    @property
    def research_keys(self) -> Path:
        self._for(Zone.RESEARCH)
        return self.root / "research" / "keys"

    @property
    def workspaces(self) -> Path:
        """A folder for each workspace: where rows of a published release may be written."""
        self._for(Zone.RESEARCH, Zone.OPEN)
        return self.root / "research" / "workspaces"

    @property
    def is_demonstration(self) -> bool:
        """Whether `commonweal demo` made this home."""
        return (self.root / DEMO_NOTE).is_file()

    @property
    def logs(self) -> Path:
        return self.root / "logs"


def _sqlite(path: Path) -> str:
    return f"sqlite:///{path}"


def _local_store(variable: str, default: Path) -> Path:
    value = os.environ.get(variable)
    if value and "://" in value and not value.startswith("file://"):
        raise BadInput(f"{variable}: only a folder can be used as a store so far, not {value.split('://')[0]}://")
    return Path(value.removeprefix("file://")) if value else default


def secret_key(folder: Path, name: str, size: int = 32) -> bytes:
    """The key `name` in `folder`, made (mode 0600, in a folder of mode 0700) the first time; `size` random bytes."""
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        with suppress(FileExistsError):  # two processes at once: the first one's key stays
            files.save(path, os.urandom(size), files.PRIVATE, over=False)
    return path.read_bytes()
