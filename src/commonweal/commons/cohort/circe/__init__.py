"""OHDSI cohort expressions (Circe, as ATLAS exports them) read into our cohort definition.

Written from how Circe's own SQL works (OHDSI/circe-be, `CohortExpressionQueryBuilder`): events of the entry criteria in
an observation period, the primary limit, additional criteria, the qualified limit, inclusion rules, the expression limit.
"""

from commonweal.commons.cohort.circe.expression import Import, import_circe

__all__ = ["Import", "import_circe"]
