"""The machine interface of the research site, at /api/."""

from commonweal.workbench.studio.api.routes import api, routes

__all__ = ["api", "routes"]
