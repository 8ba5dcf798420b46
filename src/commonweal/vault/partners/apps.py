from django.apps import AppConfig


class Config(AppConfig):
    name = "commonweal.vault.partners"
    label = "partners"

    def ready(self) -> None:
        from commonweal.vault.partners import attribution, openings, partners
        from commonweal.vault.people import invitations
        from commonweal.vault.representation.people import invited

        invited.tell(attribution.partners_of_invitations, partners.names)
        invitations.came_in.connect(openings.note, dispatch_uid="partners.openings")
