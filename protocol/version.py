"""Names and versions that both ends state in `hello`."""

product = "tug"
software = "0.1.0"
protocol = "1.4"


def major(version: str) -> int:
    """Return the major number of a `major.minor` protocol version.

    Raises ValueError when `version` is not of that form.
    """
    first, _, second = version.partition(".")
    if not (first.isdecimal() and second.isdecimal()):
        raise ValueError(f"protocol version {version!r} is not of the form major.minor")
    return int(first)
