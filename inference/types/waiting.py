"""What a page is told while it has no result yet."""

from __future__ import annotations

from dataclasses import dataclass

from inference.errors import about

PART = ":"
"""Behind the name of a page, where it runs several tasks of one kind at once, each as a part."""


@dataclass(frozen=True)
class Waiting:
    """How long a request has to wait that has no result yet."""

    ahead: int = 0
    """People whose runs are under way or come first."""
    seconds: float | None = None
    """About how long until it begins; None where nothing has been measured yet."""
    loading: str = ""
    """The model that it waits for."""
    doing: str = ""
    """A sentence on how far work is that has no picture yet."""

    @property
    def sentence(self) -> str:
        """What to tell the person; empty where the wait is too short to speak of."""
        if self.doing:
            return self.doing
        if self.loading:
            return f"Loading the model {self.loading}."
        if not self.ahead:
            return ""
        people = "1 person is" if self.ahead == 1 else f"{self.ahead} people are"
        known = "" if self.seconds is None else f"; {about(self.seconds)}"
        return f"{people} ahead of you{known}."
