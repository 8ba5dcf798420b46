from commonweal.vault.representation.models.figures import CountedStudy, FigureRun, PlaceFigures, PublishedFigures

__all__ = ["CountedStudy", "FigureRun", "PlaceFigures", "PublishedFigures"]
