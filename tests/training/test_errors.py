import inspect
import re

from training import errors


def test_the_docstring_draws_every_fault():
    """Each class is drawn, in order, and nothing is drawn that does not exist."""
    drawn = re.findall(r"^ *[*+-] (\w+)", errors.__doc__ or "", flags=re.MULTILINE)
    defined = [name for name, thing in vars(errors).items() if inspect.isclass(thing)]

    assert defined == drawn


def test_every_fault_is_a_training_error():
    """One except clause catches them all."""
    kinds = [thing for thing in vars(errors).values() if inspect.isclass(thing)]

    assert all(issubclass(kind, errors.TrainingError) for kind in kinds)
