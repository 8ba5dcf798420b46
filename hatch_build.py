"""Compile the translations when the package is built, so that no generated file stands in the repository."""

from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileTranslations(BuildHookInterface):
    def initialize(self, version, build_data):
        import polib

        for source in Path(self.root, "src").rglob("*.po"):
            polib.pofile(str(source)).save_as_mofile(str(source.with_suffix(".mo")))
