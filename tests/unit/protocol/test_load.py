"""Loading: one object in a process, a digest that is the same everywhere, and lines found in TOML."""

import shutil

from commonweal import protocol
from commonweal.protocol.digest import digest
from commonweal.protocol.places import line_of, lines

TOML = '''\
name = "a"

[goals]
people = 3

[[sites]]
id = "first"
  [sites.place]
  city = "here"

[[sites]]
id = "second"
place.city = "there"

text = """
people = 5
[goals]
"""
list = [
  # a remark
  { id = "x" },
  { id = "y", deep = [
      1 ] },
  { id = "z" },
]
after = 1
'''


def test_lines_of_keys_tables_and_elements():
    places = lines(TOML)
    assert line_of(places, ("goals", "people")) == 4
    assert line_of(places, ("sites", 0, "place", "city")) == 9
    assert line_of(places, ("sites", 1, "id")) == 12
    assert line_of(places, ("sites", 1, "place", "city")) == 13
    assert [line_of(places, ("sites", 1, "list", index, "id")) for index in range(3)] == [21, 22, 24]
    assert line_of(places, ("sites", 1, "after")) == 26
    assert line_of(places, ("nothing",)) == 1


def test_the_digest_is_of_content_not_of_place_or_line_ends(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    shutil.copytree(protocol.DEFAULT, here)
    shutil.copytree(protocol.DEFAULT, there)
    for path in there.rglob("*.toml"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    (there / ".DS_Store").write_bytes(b"x")
    (there / "program.toml~").write_bytes(b"x")
    assert digest(here) == digest(there) == protocol.load(protocol.DEFAULT).digest


def test_the_digest_tells_every_change(folder, spoil):
    before = digest(folder)
    spoil("consents/primary/v1.en.md", "bruise", "bruises")
    changed = digest(folder)
    (folder / "reference" / "more.csv").write_text("a\n")
    assert len({before, changed, digest(folder)}) == 3


def test_consent_words_are_named_by_their_hash(folder, spoil):
    before = protocol.load(protocol.DEFAULT).consents["ehr"].current.texts
    spoil("consents/ehr/v1.en.md", "from time to time", "now and then")
    after = protocol.load(folder).consents["ehr"].current.texts
    assert before["en"].sha256 != after["en"].sha256 and before["es"].sha256 == after["es"].sha256


def test_loaded_once():
    assert protocol.load(protocol.DEFAULT) is protocol.load(str(protocol.DEFAULT))


def test_the_last_version_of_a_consent_is_shown_and_the_first_is_kept(folder):
    module = folder / "consents" / "ehr"
    for language in ("en", "es"):
        words = (module / f"v1.{language}.md").read_text()
        (module / f"v2.{language}.md").write_text(words.replace("# ", "# 2. ", 1))
    file = module / "module.toml"
    file.write_text(file.read_text() + '\n[[versions]]\nversion = "2"\nexpires_after_days = 365\n')
    loaded = protocol.load(folder).consents["ehr"]
    assert [version.version for version in loaded.versions] == ["1", "2"]
    assert (loaded.current.version, loaded.current.expires_after_days) == ("2", 365)
