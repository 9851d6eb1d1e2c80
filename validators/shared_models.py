"""Models that several validators, and the redaction of requests, work with."""

from __future__ import annotations

import threading

from validators.pii import PersonalData


class Models:
    """What takes too long and too much memory to be loaded twice: each member is loaded once.

    Nothing is loaded before it is asked for, so a process that needs no model has none.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._personal_data: PersonalData | None = None

    @property
    def personal_data(self) -> PersonalData:
        """Load the search for personal data, or return it if it is there.

        Raises:
            ValidatorError: the language model is not installed.
        """
        with self._lock:
            if self._personal_data is None:
                self._personal_data = PersonalData()
            return self._personal_data
