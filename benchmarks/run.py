"""Run benchmarks: `python benchmarks/run.py [NAME]`. One JSON object a line on standard output.

Sizes are numbers of simulated people, from SIZES (default "2000 20000"). What a line holds: bench, size, seconds (the
median where it is short), peer, peer_seconds, ratio (peer_seconds / seconds), floor_ratio (seconds / the time that just
moving the same bytes takes), peak_mb.
"""

import importlib.util
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAMES = (
    "records_fhir",
    "simulate",
    "release",
    "curation",
    "curation_after",
    "curation_spark",
    "answers",
    "cohorts",
    "genotypes",
    "dataset",
    "population",
    "joining",
    "surveys",
    "wearables",
    "records_compact",
    "records_omop",
    "quality",
    "eras",
    "matching",
    "suppression",
    "disclosure",
    "representation",
    "analyses",
    "phewas",
    "planning",
)


def main(arguments: list[str]) -> int:
    """Run those named, or all; exit code 2 for a name that there is not."""
    unknown = [name for name in arguments if name not in NAMES]
    if unknown:
        sys.stderr.write(f"bench: no benchmark named {unknown[0]}; there are {', '.join(NAMES)}\n")
        return 2
    sizes = [int(size) for size in os.environ.get("SIZES", "2000 20000").split()]
    sys.path.insert(0, str(HERE))
    for name in arguments or NAMES:
        _load(name).main(sizes)
    return 0


def _load(name: str):  # type: ignore[no-untyped-def]
    spec = importlib.util.spec_from_file_location(f"bench_{name}", HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
