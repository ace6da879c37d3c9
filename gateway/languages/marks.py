"""Marks English texts for the catalogs where they are declared; pages translate them later."""


def N_(text: str) -> str:  # noqa: N802  (gettext's name)
    """Returns the text itself, which is its id in the catalogs."""
    return text


def NN_(one: str, many: str) -> tuple[str, str]:  # noqa: N802  (like N_, with a plural)
    """Returns the text for one and the text for many, of which the first is the id."""
    return one, many
