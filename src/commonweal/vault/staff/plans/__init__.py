"""Where next, as a page: the form with its example, what is kept of an answer for a day, and how it is shown."""
