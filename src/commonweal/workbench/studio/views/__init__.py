"""Pages of the studio."""

from commonweal.workbench.studio.views.cohort import cohort_page, search

__all__ = ["cohort_page", "search"]
