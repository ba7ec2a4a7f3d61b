"""Faults of the service."""

import inspect

from service import faults
from service.faults import InvalidRequest, Reason, ServiceFault


def test_the_tree_is_drawn():
    """Every fault stands in the module's docstring."""
    names = [name for name, kind in inspect.getmembers(faults, inspect.isclass) if issubclass(kind, ServiceFault)]

    assert [] == [name for name in names if name not in faults.__doc__]


def test_an_invalid_request_names_its_field():
    """Its message begins with the path of the field."""
    fault = InvalidRequest("volume.voxels", "too few", Reason.INVALID_VOXELS)

    assert "volume.voxels: too few" == str(fault)
