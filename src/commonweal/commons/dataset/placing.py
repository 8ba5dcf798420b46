"""Where a dataset may be written: it holds rows of persons, and those of a program stay in its workspaces."""

import os
from pathlib import Path

from commonweal.commons.release import Release
from commonweal.errors import BadInput, Refused
from commonweal.home import Home


def check_out(out: str | os.PathLike[str], release: Release, home: Home) -> Path:
    """The folder, with links followed. Raises Refused for one that a dataset of this release must not be written to."""
    folder = Path(out).resolve()
    workspaces = home.workspaces.resolve()
    in_workspace = folder.is_relative_to(workspaces) and folder != workspaces
    inside = folder.is_relative_to(home.root) or folder.is_relative_to(home.releases.resolve())
    if not in_workspace and release.gated:
        raise Refused(f"--out: rows of a published release stay in a workspace: give a folder inside {workspaces}")
    if not in_workspace and inside:
        raise Refused(f"--out: inside the program's home a dataset goes into a workspace: a folder inside {workspaces}")
    if not release.gated and folder.is_relative_to(release.folder):
        raise BadInput("--out: this is inside the folder of tables that is read; give one outside of it")
    return folder
