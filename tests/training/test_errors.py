import inspect

from training import errors
from training.errors import TrainingError


def test_the_tree_shows_every_error():
    """The drawing at the top of the module names each class once."""
    names = [name for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, TrainingError)]
    drawn = [line.split()[1] for line in (errors.__doc__ or "").splitlines() if line.strip()[:2] in ("* ", "+ ")]

    assert sorted(names) == sorted(drawn)
