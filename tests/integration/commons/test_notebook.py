"""The notebook of the documentation, run as a researcher runs it."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).resolve().parents[3] / "docs" / "notebooks" / "from-question-to-figure.ipynb"


def _said(notebook) -> str:
    """What the cells printed or gave back as text."""
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return "\n".join(o.get("text") or o.get("data", {}).get("text/plain", "") for o in outputs)


def test_from_question_to_figure(shared_data, tmp_path, monkeypatch):
    monkeypatch.setenv("COMMONWEAL_RELEASE", str(shared_data / "omop" / "GiBleed_5.3_parquet"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "the file keeps no answers"
    place = tmp_path / "workspace"
    place.mkdir()
    done = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(place)}}).execute()
    said = _said(done)
    assert "192671  Gastrointestinal hemorrhage" in said
    assert "| Age (years)" in said
    assert "bleeding.svg bleeding.csv" in said
    assert (place / "bleeding.svg").read_text().count("celecoxib")
    assert "hazard_ratio" in said


@pytest.mark.parametrize("cell", [c for c in nbformat.read(NOTEBOOK, as_version=4).cells if c.cell_type == "code"])
def test_its_code_is_written_as_ours_is(cell):
    assert max(map(len, cell.source.splitlines())) <= 120
