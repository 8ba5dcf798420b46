"""What the manifest of every tier of a release has in common, for the bridge that writes it and those who read it."""

MADE_FROM = (
    "name",
    "data_cutoff",
    "known_at",
    "grants_as_of",
    "last_day",
    "software",
    "protocol",
    "vocabulary",
    "reference",
)
"""What a manifest says of the release as a whole: its name, its moment and its inputs. Nothing of it is about people."""
