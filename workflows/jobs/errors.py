"""What can go wrong about jobs themselves.

JobsError
├── UnknownJob      no job of that name is defined
├── GiveUp          a job says that trying again is of no use
└── Superseded      the job belongs to another worker by now
"""

__all__ = ["GiveUp", "JobsError", "Superseded", "UnknownJob"]


class JobsError(Exception):
    """The root of what this package raises."""


class UnknownJob(JobsError):
    """No job of that name is defined: a slip, or its module was not imported."""


class GiveUp(JobsError):
    """Raised by a job that knows that trying again is of no use: it fails at once."""


class Superseded(JobsError):
    """This worker was taken for dead and its job given to another: nothing of this attempt may take effect."""
