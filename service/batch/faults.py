"""
What ends or limits a batch.

* ServiceFault
  + BatchFault
    - InvalidCohort    the cases cannot be listed
    - UnusableOutput   the folder of results holds another batch, or another process writes there
    - ExtraMissing     a package that is needed is not installed
    - UnusableCase     one case cannot be scored; the others can
    - ModelDiffers     servers have different models, or one has another than at the start
    - WorkerLost       a worker died over a case again and again
    - Stopped          the batch was told to end before the case was scored
"""

from service.faults import ServiceFault


class BatchFault(ServiceFault):
    """Base of all that ends or limits a batch."""


class InvalidCohort(BatchFault):
    """The cases cannot be listed."""


class UnusableOutput(BatchFault):
    """The folder of results holds another batch, or another process writes there."""


class ExtraMissing(BatchFault):
    """A package that is needed is not installed."""


class UnusableCase(BatchFault):
    """One case cannot be scored; the others can."""


class ModelDiffers(BatchFault):
    """Servers have different models, or one has another than at the start."""


class WorkerLost(BatchFault):
    """A worker died over a case again and again."""


class Stopped(BatchFault):
    """The batch was told to end before the case was scored."""
