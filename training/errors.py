"""
What can be wrong on the way from cases to a model, as a tree.

* TrainingError
  + InvalidCases     the table of cases, or a file it names, cannot be learnt from
  + InvalidOptions   these choices make no training run
  + InvalidWeights   a file of pretrained weights is not what was asked for
  + InvalidRun       a run's folder holds something else, or is not finished
  + InvalidWorklist  a filled worklist does not answer the audit that it should
  + ExportMismatch   the exported file answers differently from the network

Every leaf is the caller's to repair; the message says how.
"""


class TrainingError(ValueError):
    """Base of all faults that other input or options would cure."""


class InvalidCases(TrainingError):
    """The table of cases, or a file it names, cannot be learnt from."""


class InvalidOptions(TrainingError):
    """The choices make no training run."""


class InvalidWeights(TrainingError):
    """A file of pretrained weights is not what was asked for."""


class InvalidRun(TrainingError):
    """A run's folder holds something else, or is not finished."""


class InvalidWorklist(TrainingError):
    """A filled worklist does not answer the audit that it should."""


class ExportMismatch(TrainingError):
    """The exported file answers differently from the network."""
