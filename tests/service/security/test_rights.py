"""What calls need."""

import pytest

from nodelens.v1 import node_classifier_service_pb2 as messages
from service.security.rights import ANY_TOKEN, OPEN, SCOPES, scope_of
from service.security.tokens import Scope


@pytest.mark.parametrize("method", messages.DESCRIPTOR.services_by_name["NodeClassifierService"].methods_by_name)
def test_every_call_of_ours_has_its_place(method):
    """No call is for administrators only because it was forgotten."""
    assert f"/nodelens.v1.NodeClassifierService/{method}" in ANY_TOKEN | SCOPES.keys()


def test_each_call_stands_in_one_list():
    """The lists have nothing in common."""
    assert len(OPEN | ANY_TOKEN | SCOPES.keys()) == len(OPEN) + len(ANY_TOKEN) + len(SCOPES)


def test_what_is_in_no_list_is_for_administrators():
    """A call that is forgotten is open to nobody by mistake."""
    assert Scope.ADMIN is scope_of("/nodelens.v1.NodeClassifierService/Forget")
    assert Scope.ADMIN is scope_of("/nodelens.v1.nodeclassifierservice/classify")
