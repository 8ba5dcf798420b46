from django.apps import AppConfig, apps
from django.db.models.signals import post_save


class Config(AppConfig):
    name = "commonweal.vault.people"
    label = "people"

    def ready(self) -> None:
        from commonweal.vault.added import AFTER_INSERT
        from commonweal.vault.people import changes

        post_save.connect(changes.note_fact, dispatch_uid="a change for each fact")
        if changes.note_rows not in AFTER_INSERT:
            AFTER_INSERT.append(changes.note_rows)
        if apps.is_installed("allauth.account"):  # the bridge has no log-ins
            from commonweal.vault.people import account_events  # noqa: F401
