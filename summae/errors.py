"""The errors a user can cause. Doors print them as one line and exit with code 2."""


class SummaeError(Exception):
    """Something the user can put right: says what is wrong, where, and what would be right."""


class InputError(SummaeError):
    """A text, file or budget that cannot be used."""


class ConfigError(SummaeError):
    """A run configuration with one or more problems; ``problems`` lists all of them."""

    def __init__(self, problems: list[str], where: str = "configuration"):
        self.problems = list(problems)
        super().__init__(f"{where}: " + "; ".join(self.problems))


class CheckpointError(SummaeError):
    """A model directory that is unknown, incomplete or damaged."""


class NonFiniteError(SummaeError):
    """A loss or gradient that is NaN or infinite; raised before the update is made."""


class MissingExtraError(SummaeError):
    """An optional dependency is not installed; the message names the extra."""
