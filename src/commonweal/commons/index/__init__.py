"""The index of a release: who has what, as compressed bitmaps, and when, in rows that lie together by concept.

It is built with the release and can be built again from its tables at any time; it is no part of what is signed. A cohort
that it covers is counted without reading a table (`counting`); any other is left to the engine.
"""
