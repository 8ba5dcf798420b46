"""What makes hundreds of tests with a database quick: migrations run once, a flush only empties, a hash costs little,
and no file is waited for until it lies on the disk.

A SQLite database that all migrations have made is kept in pytest's cache under the digest of the migrations' files; each
worker begins with a copy of it. A changed migration is another digest, so it runs. On PostgreSQL they run each time.
"""

import fcntl
import hashlib
import os
import sqlite3
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from django import VERSION
from django.apps import apps
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.management import create_permissions
from django.contrib.contenttypes.management import create_contenttypes
from django.db import connection, transaction
from django.db.models.signals import post_migrate
from django.test import TransactionTestCase
from django.test.utils import setup_databases, teardown_databases
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

from commonweal.sites.migrating import new_models_alone


class QuickHash(Argon2PasswordHasher):
    """The hash of production with the least work that it allows."""

    time_cost, memory_cost, parallelism = 1, 8, 1


def set_up(folder: Path) -> list:
    """The session's test database; what `tear_down` takes. `folder` is where one is kept for later sessions."""
    _one_look_at_static_files()
    if connection.vendor == "sqlite":
        _no_waiting_for_the_disk()
        _only_what_is_full_is_emptied()
        with _alone(folder):
            made = _kept_or_migrated(folder, Path(connection.settings_dict["TEST"]["NAME"]))
    else:
        with new_models_alone():
            made = setup_databases(verbosity=0, interactive=False)
        _flush_looks_first()
    _flush_only_empties()
    return made


def tear_down(made: list) -> None:
    if connection.vendor != "sqlite":  # a file goes with the session's folder
        teardown_databases(made, verbosity=0)


def _kept_or_migrated(folder: Path, target: Path) -> list:
    kept = folder / f"{_digest()}.sqlite3"
    if kept.exists():
        _copy(kept, target)
    with new_models_alone():
        made = setup_databases(verbosity=0, interactive=False, keepdb=True)
    if not kept.exists():
        _copy(target, kept)
    return made


def _digest() -> str:
    """Of all migrations of this zone's apps."""
    digest = hashlib.sha256(repr(VERSION).encode())
    for app in apps.get_app_configs():
        for file in sorted(Path(app.path, "migrations").glob("*.py")):
            digest.update(f"{app.label} {file.name}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def _copy(source: Path, target: Path) -> None:
    """A whole copy of a database that a process may have open."""
    part = target.with_name(f"{target.name}.{os.getpid()}")
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(part)) as other:
        one.backup(other)
    part.replace(target)


@contextmanager
def _alone(folder: Path):
    """One of the workers at a time: the first migrates, the others wait for what it makes."""
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _flush_only_empties() -> None:
    """Django writes its permissions and content types anew after each flush; nothing here reads them."""
    post_migrate.disconnect(create_permissions, dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.disconnect(create_contenttypes)


def _only_what_is_full_is_emptied() -> None:
    """After a test that commits: a test has written to few of the tables, and a flush of all costs as much as a small test."""

    def empty(self: TransactionTestCase) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_the_full())
            for (table,) in cursor.fetchall():
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")

    TransactionTestCase._fixture_teardown = empty


@cache
def _the_full() -> str:
    """SQL of the names of all tables of models that hold something."""
    names = {table: connection.ops.quote_name(table) for table in connection.introspection.django_table_names()}
    return " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {name})" for table, name in names.items())


def _flush_looks_first() -> None:
    """PostgreSQL makes the files of every table anew in a flush; a test has written to few of them."""
    all_of_them = connection.ops.sql_flush

    def full_alone(style: Any, tables: list[str], *, reset_sequences: bool = False, **more: bool) -> list[str]:
        if reset_sequences:  # which emptying does not do
            return all_of_them(style, tables, reset_sequences=True, **more)
        names = {table: connection.ops.quote_name(table) for table in tables}
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(f"(SELECT '{t}' FROM {name} LIMIT 1)" for t, name in names.items()))
            full = [names[table] for (table,) in cursor]
        # A superuser's way not to ask for each row what points at it; to the end of the transaction.
        return ["SET LOCAL session_replication_role = replica", *(f"DELETE FROM {name}" for name in full)]

    connection.ops.sql_flush = full_alone


def _no_waiting_for_the_disk() -> None:
    """What a power cut would lose, no test sees; what a killed process loses is the same."""
    options = connection.settings_dict["OPTIONS"]
    options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
    connection.close()


def _one_look_at_static_files() -> None:
    """Each test client loads the middleware anew, and WhiteNoise looks at each static file then: here once in a session."""
    found: dict[str, StaticFile] = {}
    look = WhiteNoiseMiddleware.add_files_from_finders

    def once(self: WhiteNoiseMiddleware) -> None:
        if not found:
            look(self)
            found.update(self.files)
        self.files.update(found)

    WhiteNoiseMiddleware.add_files_from_finders = once
