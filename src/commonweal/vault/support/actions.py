"""What support does, for those who look for it here."""

from commonweal.vault.support.help_desk import ask
from commonweal.vault.support.incentives import cancel_incentive, record_incentive

__all__ = ["ask", "cancel_incentive", "record_incentive"]
