"""Exported archives of one's own device data: opened with care, matched to a person, and taken in."""
