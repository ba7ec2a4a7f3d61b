"""
What can go wrong between an archive and the service, as a tree.

* PacsFault
  + Away             one side does not answer at present; nothing is wrong with the study
    - ArchiveAway      the archive, or the peer that results go to
    - ServiceAway      the service
  + StudyFailed      this study failed; it may be tried again
  + NotToBeScored    this study, as it is, never gets a result; the message says why, and quotes nothing of it
"""

from service.faults import ServiceFault


class PacsFault(ServiceFault):
    """Base of what can go wrong between an archive and the service."""


class Away(PacsFault):
    """One side does not answer at present; ``retry_s`` is how long it asked to be left alone, in seconds."""

    def __init__(self, message: str, retry_s: float = 0.0) -> None:
        super().__init__(message)
        self.retry_s = retry_s


class ArchiveAway(Away):
    """The archive, or the peer that results go to, does not answer at present."""


class ServiceAway(Away):
    """The service does not answer at present, or answers nobody like us."""


class StudyFailed(PacsFault):
    """This study failed; it may be tried again."""


class NotToBeScored(PacsFault):
    """This study, as it is, never gets a result; the message says why, and quotes nothing of it."""
