"""What participants' data were used for, as the bridge writes it: releases, and the studies of researchers."""

from commonweal.vault.voice.models.release import ReleaseRoll
from commonweal.vault.voice.models.study import Study, StudyRoll, StudyUse

__all__ = ["ReleaseRoll", "Study", "StudyRoll", "StudyUse"]
