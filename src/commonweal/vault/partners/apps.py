from django.apps import AppConfig


class Config(AppConfig):
    name = "commonweal.vault.partners"
    label = "partners"

    def ready(self) -> None:
        from commonweal.vault.partners import openings
        from commonweal.vault.people import invitations

        invitations.came_in.connect(openings.note, dispatch_uid="partners.openings")
