"""What all results about one study share."""

from dataclasses import replace

import pytest

from imaging.separation import NodeSeparation
from service.dicom.basis import Basis
from service.dicom.kinds import ResultKind
from service.findings import ModelRef
from service.options import ClassifyOptions
from tests.service.dicom.studies import LABELS, answer, model, study


def based(told=None, manifest=None, options=LABELS, ref=None):
    """The basis of a study; of the usual one unless something else is given."""
    told, manifest = told or study(), manifest or model()
    found = answer(told, manifest, options)
    return Basis.of(told, replace(found, model=ref or found.model), manifest, options)


@pytest.mark.parametrize(
    "changes",
    [
        {"told": study(SOPInstanceUID="1.2.3")},
        {"options": replace(LABELS, operating_point=0.9)},
        {"options": ClassifyOptions(separation=NodeSeparation.CONNECTED_COMPONENTS)},
        {"ref": ModelRef("cnn-gap", 1, "cd" * 32)},
        {"ref": ModelRef("cnn-gap", 2, "ab" * 32)},
    ],
)
def test_other_input_model_or_choice_gives_other_uids(changes):
    """Two different results never share a UID."""
    assert based().uid("report") != based(**changes).uid("report")


def test_the_models_own_operating_point_is_no_other_choice():
    """Naming what holds anyway changes nothing."""
    assert based().uid("report") == based(options=replace(LABELS, operating_point=0.3)).uid("report")


def test_each_kind_has_a_series_of_its_own(basis):
    """No viewer stacks a picture onto a map, and all stand behind the CT."""
    series = [basis.series(kind) for kind in ResultKind]

    assert 4 == len({told["series_instance_uid"] for told in series})
    assert 4 == len({told["series_number"] for told in series})
    assert min(told["series_number"] for told in series) > 9000


@pytest.mark.parametrize("synthetic", [True, False])
def test_series_say_what_they_are_for(synthetic):
    """Research use stands in every description, and whether the model learnt from phantoms."""
    data = replace(model().training_data, synthetic=synthetic)
    told = based(manifest=model(training_data=data))

    described = [told.series(kind)["series_description"] for kind in ResultKind]

    assert all("RESEARCH USE ONLY" in text and len(text) <= 64 for text in described)
    assert [synthetic] * 4 == ["SYNTHETIC" in text for text in described]
