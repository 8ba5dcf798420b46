class MappingFault(ValueError):
    """A declared mapping says what cannot be: the message names the file, the column and what to do."""
