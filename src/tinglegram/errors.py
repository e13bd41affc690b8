"""Errors that tell a researcher what to do next."""


class TinglegramError(Exception):
    """Something the user can put right; shown without a traceback."""


class InputProblem(TinglegramError):
    """A raw input that does not hold what its format promises.

    Parameters
    ----------
    source : name of the file, as the user knows it.
    expected, found : what the format promises and what stands there.
    where : line, second or sample at which it was seen; empty when it concerns the whole file.
    remedy : what the user can do about it.
    """

    def __init__(
        self, source: str, *, expected: str, found: str, remedy: str, where: str = ""
    ) -> None:
        """Compose the sentence the user reads."""
        self.source, self.where = source, where
        self.expected, self.found, self.remedy = expected, found, remedy
        place = f"{source}, {where}" if where else source
        super().__init__(f"{place}: expected {expected}, found {found}. {remedy}")
