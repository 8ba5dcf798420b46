from commonweal.vault.representation.models.figures import FigureRun, PlaceFigures, PublishedFigures

__all__ = ["FigureRun", "PlaceFigures", "PublishedFigures"]
