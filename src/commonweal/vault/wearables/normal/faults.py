"""Why something in a delivery could not be used: codes, and words for a report."""

WORDS = {
    "no_day": "without a day that can be read",
    "no_time": "without a time that can be read",
    "no_time_zone": "in UTC, and the time zone of the wearer is not known",
    "not_by_minute": "heart rates or steps of longer spans than a minute",
    "implausible_heart_rate": "heart rates below 20 or above 250",
    "implausible_minutes": "minutes that no day has",
    "implausible_steps": "steps that nobody takes in that time",
    "implausible": "values that no day has; the rest of the day was taken",
    "negative": "values below zero; the rest of the day was taken",
    "more_minutes_than_a_day": "days with more minutes than a day has; the rest of the day was taken",
    "in_the_future": "dated after tomorrow",
    "too_long_ago": "dated before the year 2000",
    "unknown_sleep_level": "sleep levels that are not known",
    "unreadable_level": "stretches of sleep that cannot be read",
    "unreadable_entry": "entries that cannot be read",
    "cut_line": "lines with too few or too many cells",
    "cut_off": "files that end in the middle; what came before was read",
    "unreadable_file": "files that cannot be read",
    "twice": "there twice; the fuller one counts",
    "not_kept": "files of kinds that are not kept",
}

# Those that count rows which were left out; the others count cells, files, or rows that another one stands for.
ROWS = frozenset(
    {
        "no_day", "no_time", "no_time_zone", "not_by_minute", "implausible_heart_rate", "implausible_minutes",
        "implausible_steps", "in_the_future", "too_long_ago", "unknown_sleep_level", "unreadable_level",
        "unreadable_entry", "cut_line",
    }
)  # fmt: skip
