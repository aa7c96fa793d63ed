"""What can go wrong with an embedded server, and how to mend it."""


class EmbeddedError(Exception):
    """Says what stopped an embedded server and the command or setting that mends it."""

    def __init__(self, message: str, mend: str) -> None:
        super().__init__(f"{message}\n  {mend}")
        self.message = message
        self.mend = mend
