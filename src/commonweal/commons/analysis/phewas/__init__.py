"""Phenome-wide association scans: one exposure against every phecode.

`status` says who is case and control, `design` is what all phecodes of one set of people share, `logistic` fits them together,
`alone` those that need it one by one (Firth), `cox` on the scale of age; `scan` puts it together.
"""

from commonweal.commons.analysis.phewas.result import Result
from commonweal.commons.analysis.phewas.scan import phewas

__all__ = ["Result", "phewas"]
