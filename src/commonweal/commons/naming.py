"""What counts as the name of a release, and what as a path. Imports nothing heavy: the command line asks first."""

import os
import re
from pathlib import Path

from commonweal.home import Home

NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,39}")
AGGREGATES = "public"  # the tier of numbers: it has no rows of persons
TIER = re.compile(r"[a-z]{1,20}")


def is_path(name_or_path: str, home: Home) -> bool:
    """Whether this names a folder: it has a separator, or is a folder and no release has that name."""
    if os.sep in name_or_path or not NAME.fullmatch(name_or_path):
        return True
    return Path(name_or_path).is_dir() and not (home.releases / name_or_path).is_dir()


def is_own_folder(name_or_path: str, home: Home) -> bool:
    """Whether this is an existing folder outside the home: the caller's own data, to which no gate applies."""
    folder = Path(name_or_path).resolve()
    inside = folder.is_relative_to(home.root) or folder.is_relative_to(home.releases.resolve())
    return is_path(name_or_path, home) and folder.is_dir() and not inside
