from commonweal.audit.models.batch import Batch
from commonweal.audit.models.event import Event

__all__ = ["Batch", "Event"]
