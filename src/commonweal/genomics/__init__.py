"""Pure genetics: how variants and ancestries are named. It knows no file, no release and no person."""
