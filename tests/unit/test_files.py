"""A file is the old one or the new one, to the byte, whatever happens while it is written; and it is on the disk."""

import errno
import os
import resource
import signal
import stat
import subprocess
import sys

import duckdb
import pytest

from commonweal import duck, files


@pytest.fixture
def calls(monkeypatch):
    """What the operating system is asked for, in order: (fsync or the kind of move, name)."""
    told = []

    def watched(name, told_of):
        real = getattr(os, name)

        def call(*given):
            told.append((name, told_of(*given)))
            return real(*given)

        monkeypatch.setattr(files.os, name, call)

    watched("fsync", lambda descriptor: os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))
    watched("replace", lambda made, place: place.name)
    watched("link", lambda made, place: place.name)
    return told


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_on_the_disk_before_it_is_moved_and_its_name_afterwards(tmp_path, calls):
    files.save(tmp_path / "told", b"new")
    (first, beside), *rest = calls
    assert first == "fsync" and beside.startswith(".told.")
    assert rest == [("replace", "told"), ("fsync", tmp_path.name)]


def test_folders_on_the_way_are_on_the_disk_and_for_the_same_readers(tmp_path, calls):
    files.save(tmp_path / "one" / "two" / "told", b"", files.PRIVATE)
    assert calls[:2] == [("fsync", tmp_path.name), ("fsync", "one")]
    assert [mode_of(tmp_path / name) for name in ("one", "one/two", "one/two/told")] == [0o700, 0o700, 0o600]
    files.save(tmp_path / "three" / "told", b"")
    assert [mode_of(tmp_path / name) for name in ("three", "three/told")] == [0o755, 0o644]


def test_what_need_not_last_waits_for_nothing(tmp_path, calls):
    with files.whole(tmp_path / "told", synced=False) as file:
        file.write(b"new")
    assert calls == [("replace", "told")] and (tmp_path / "told").read_bytes() == b"new"


@pytest.mark.parametrize("over", [True, False])
def test_nobody_else_reads_a_private_file_even_while_it_is_written(tmp_path, over):
    with files.whole(tmp_path / "told", files.PRIVATE, over=over) as file:
        file.write(b"secret")
        file.flush()
        assert [mode_of(path) for path in tmp_path.iterdir()] == [0o600]
    assert mode_of(tmp_path / "told") == 0o600 and names(tmp_path) == ["told"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_writer_that_fails_leaves_what_was_there(tmp_path, error):
    files.save(tmp_path / "told", b"old")
    with pytest.raises(error), files.whole(tmp_path / "told") as file:
        file.write(b"half")
        raise error
    assert names(tmp_path) == ["told"] and (tmp_path / "told").read_bytes() == b"old"


def test_on_a_full_disk_the_old_one_stays(tmp_path):
    files.save(tmp_path / "told", b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(OSError) as full:
            files.save(tmp_path / "told", bytes(100_001))
        with duckdb.connect() as con, pytest.raises(duckdb.Error):
            duck.copy(con, "SELECT random() AS n FROM range(1_000_000)", tmp_path / "told")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert full.value.errno == errno.EFBIG
    assert names(tmp_path) == ["told"] and (tmp_path / "told").read_bytes() == b"old"


KILLED = """
import os, sys
from pathlib import Path
from commonweal import files
real = getattr(os, sys.argv[2])
def killed(*given):
    if sys.argv[3] == "after":
        real(*given)
    os.kill(os.getpid(), 9)
setattr(os, sys.argv[2], killed)
files.save(Path(sys.argv[1]), b"new" * 100_000)
"""


@pytest.mark.parametrize(
    ("call", "when", "left"),
    [("fsync", "before", b"old"), ("replace", "before", b"old"), ("replace", "after", b"new" * 100_000)],
)
def test_a_process_that_is_killed_leaves_the_old_one_or_the_new_one(tmp_path, call, when, left):
    files.save(tmp_path / "told", b"old")
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "told"), call, when], check=False)
    assert done.returncode == -signal.SIGKILL
    assert (tmp_path / "told").read_bytes() == left
    rest = [name for name in names(tmp_path) if name != "told"]
    assert len(rest) == (when == "before") and all(name.startswith(".told.") for name in rest)
    files.sweep(tmp_path, 60)
    assert names(tmp_path) == sorted([*rest, "told"])
    files.sweep(tmp_path)
    assert names(tmp_path) == ["told"]


def test_where_the_first_one_stays_the_second_hears_of_it(tmp_path, calls):
    files.save(tmp_path / "told", b"first", over=False)
    assert [name for name, _ in calls] == ["fsync", "link", "fsync"]
    with pytest.raises(FileExistsError):
        files.save(tmp_path / "told", b"second", over=False)
    assert names(tmp_path) == ["told"] and (tmp_path / "told").read_bytes() == b"first"


def test_two_that_write_the_same_file_do_not_mix(tmp_path):
    with files.whole(tmp_path / "told") as one:
        with files.whole(tmp_path / "told") as other:
            one.write(b"one")
            other.write(b"the other")
        assert (tmp_path / "told").read_bytes() == b"the other"
    assert (tmp_path / "told").read_bytes() == b"one" and names(tmp_path) == ["told"]


def test_a_folder_is_on_the_disk_with_all_in_it_before_it_takes_a_place(tmp_path, calls):
    for name, content in (("made", b"new"), ("place", b"old")):
        (tmp_path / name / "deep").mkdir(parents=True)
        (tmp_path / name / "deep" / "told").write_bytes(content)
    (tmp_path / "old").mkdir()  # of one that was killed
    files.put(tmp_path / "made", tmp_path / "place", old=tmp_path / "old")
    assert calls == [
        *(("fsync", name) for name in ("deep", "told", "made")),
        *(("replace", name) for name in ("old", "place")),
        ("fsync", tmp_path.name),
    ]
    assert names(tmp_path) == ["place"] and (tmp_path / "place" / "deep" / "told").read_bytes() == b"new"


def test_lines_are_on_the_disk_and_what_was_never_finished_goes(tmp_path, calls):
    path = tmp_path / "lines"
    files.append(path, b"first", files.PRIVATE)
    assert calls == [("fsync", "lines"), ("fsync", tmp_path.name)] and mode_of(path) == 0o600
    with path.open("ab") as file:
        file.write(b"half of a much longer li")
    calls.clear()
    files.append(path, b"second", files.PRIVATE)
    assert calls == [("fsync", "lines")] and path.read_bytes() == b"first\nsecond\n"


def test_the_same_value_gives_the_same_bytes(tmp_path):
    written = [
        files.save_json(tmp_path / name, value) for name, value in (("a", {"b": 1, "a": 2}), ("b", {"a": 2, "b": 1}))
    ]
    assert written[0] == b'{\n  "a": 2,\n  "b": 1\n}\n'
    assert written[0] == written[1] == (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert files.load_json(tmp_path / "a") == {"a": 2, "b": 1}
    assert files.sha256(tmp_path / "a") == files.sha256(tmp_path / "b")


def test_rows_are_written_like_any_other_file(tmp_path, calls):
    path = tmp_path / "it's rows.parquet"
    with duckdb.connect() as con:
        duck.copy(con, "SELECT 1 AS n", path, files.PRIVATE)
        assert mode_of(path) == 0o600
        duck.copy(con, f"FROM '{str(path).replace(chr(39), chr(39) * 2)}' UNION ALL SELECT 2", path, files.PRIVATE)
        assert con.execute("SELECT sum(n) FROM read_parquet(?)", [str(path)]).fetchall() == [(3,)]
    assert [name for name, _ in calls] == ["fsync", "replace", "fsync"] * 2
    assert mode_of(path) == 0o600 and names(tmp_path) == [path.name]
