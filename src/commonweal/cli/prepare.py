"""What `init` makes in each zone, run in a process of that zone."""

from typing import Any

from commonweal.home import Home

Answer = dict[str, Any]


def migrate() -> tuple[int, list[str]]:
    """Bring this site's database up to date: how many steps were done. BadInput where it cannot be reached."""
    from django.core.management import call_command
    from django.db import OperationalError, connection
    from django.db.migrations.executor import MigrationExecutor

    from commonweal.errors import BadInput
    from commonweal.sites.migrating import new_models_alone

    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if waiting:
            with new_models_alone():
                call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    except OperationalError:
        raise BadInput(
            f"the database ({connection.vendor}) cannot be reached: check its address and that it runs"
        ) from None
    return len(waiting), sorted({app for app, _ in executor.loader.graph.leaf_nodes()})


def _site(home: Home, *, key_folder: Any) -> Answer:
    from commonweal.home import secret_key

    had_key = (key_folder / "audit.key").exists()
    secret_key(key_folder, "audit.key")
    steps, _ = migrate()
    answer: Answer = {"made": [], "there": []}
    answer["made" if steps else "there"].append("database")
    answer["there" if had_key else "made"].append("keys")
    return answer


def portal(home: Home) -> Answer:
    return _site(home, key_folder=home.vault_keys)


def research(home: Home) -> Answer:
    return _site(home, key_folder=home.research_keys)


def bridge(home: Home) -> Answer:
    from commonweal.curation import keys

    had = (home.bridge_keys / "signing.key").exists()
    keys.ensure(home)
    return {"made": [] if had else ["keys"], "there": ["keys"] if had else []}


STEPS = {"portal": portal, "research": research, "bridge": bridge}
