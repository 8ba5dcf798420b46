"""Compaction of the event files of submissions: what many brought becomes few files, each of people who stand together.

records/compacted/NAME.parquet   rows of events with when they came in and when they were replaced, sorted by participant
records/compacted/index.json     which of these files count, for which people, and which submissions are in them

A submission's own file is read until the index says that it is compacted, and stays for a day after that, for whoever reads
it still. What counts changes in one step, when a new index takes the place of the old one.

In two stages, each in pieces of bounded size. Recent files: what some submissions brought, taken together with earlier
recent files that are no larger, so that there are few. Base files: everything else, no two about the same person; recent
files are folded into them, piece by piece, once they are half as much.
"""
