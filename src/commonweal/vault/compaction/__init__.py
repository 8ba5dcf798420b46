"""What every room shares that compacts its files: sets of numbers as runs, and files written whole and removed in time."""
