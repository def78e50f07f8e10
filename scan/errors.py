"""What can be wrong with what somebody hands in."""


class BadInput(Exception):  # noqa: N818
    """The folder cannot be analysed; the message is the one line that a person sees."""
