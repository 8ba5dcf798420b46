"""Figures as files that a spreadsheet reads."""

import csv

from django.http import HttpResponse

from commonweal.vault.representation.figures.gate import Document
from commonweal.vault.representation.page import table


def csv_of(document: Document, name: str) -> HttpResponse:
    """All figures of a document, one a line; what is withheld is empty."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    sheet = csv.writer(answer)
    sheet.writerow(table.HEAD)
    sheet.writerows(table.rows(document))
    return answer
