"""Five gigabytes in one file are taken in like five kilobytes: every line judged, in less than 1 GB of memory."""

import gzip
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from commonweal import zone
from tests import peaks
from tests.commands import initialised
from tests.soak.records import stream

SIZE = 5 * 10**9  # bytes of text
ROOM = 25 * 10**9  # bytes of disk for the text, its parts and what is kept


@pytest.fixture
def home(tmp_path):
    """A program whose members are the people of the stream."""
    if shutil.disk_usage(tmp_path).free < ROOM:
        pytest.skip(f"less than {ROOM // 10**9} GB of disk are free")
    root = tmp_path / "home"
    initialised(root)
    environment = zone.child_environment(zone.Zone.PORTAL, root) | {"PYTHONPATH": str(Path.cwd())}
    subprocess.run([sys.executable, "-m", "tests.soak.records.stream"], env=environment, check=True)
    yield root
    shutil.rmtree(tmp_path)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_a_stream_of_five_gigabytes(home, tmp_path, packed):
    path = tmp_path / ("records.ndjson.gz" if packed else "records.ndjson")
    with gzip.open(path, "wb", compresslevel=1) if packed else open(path, "wb", buffering=1 << 20) as file:
        expected = stream.write(file, SIZE)
    began = time.perf_counter()
    command = [sys.executable, "-m", "commonweal.cli", "records", "import", path, "--site", stream.SITE]
    done, peak = peaks.apart(tmp_path / "peak", *command, "--home", home, "--json", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    answer, seconds = json.loads(done.stdout.splitlines()[-1]), time.perf_counter() - began
    sys.stderr.write(
        f"\n{path.stat().st_size / 1e9:.2f} GB, {sum(expected.values()):,} lines: {seconds:.0f} s, {peak} MB\n"
    )
    assert {name: answer[name] for name in expected} == expected and answer["unmatched"] == answer["unchanged"] == 0
    assert expected["accepted"] > 3_000_000
    assert peak < 1000
