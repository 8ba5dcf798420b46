"""Labels of predicted genetic ancestry, as gnomAD and the All of Us program give them: African, Latino/Admixed American,
East Asian, European, Middle Eastern, South Asian; `oth` where no label is probable enough."""

from typing import Literal, get_args

Ancestry = Literal["afr", "amr", "eas", "eur", "mid", "sas", "oth"]
ANCESTRIES: tuple[Ancestry, ...] = get_args(Ancestry)
