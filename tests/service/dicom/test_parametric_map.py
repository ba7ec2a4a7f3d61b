"""Where the network looked lies in the map where it lies in the CT."""

from io import BytesIO

import highdicom as hd
import numpy as np
import pytest
import SimpleITK as sitk
from numpy.testing import assert_allclose, assert_array_equal
from pydicom.sr.codedict import codes

from imaging.files import write_image
from imaging.heatmap import heat_maps_on_volume
from service.dicom.basis import Basis
from service.dicom.nodes import scored
from service.dicom.objects import file_of
from service.dicom.parametric_map import parametric_map
from tests.service.dicom.conforming import errors_of
from tests.service.dicom.studies import LABELS, ORDERS, answer, model, study


def based(order="axial", cold=()):
    """The basis of a study in a storage order."""
    told = study(ORDERS[order])
    return Basis.of(told, answer(told, model(), cold=cold), model(), LABELS)


def heat_of(basis):
    """All heat on the CT's grid, as the service puts it there."""
    maps = [(each.finding.heatmap.values, crop) for each, crop in scored(basis.nodes)]
    return heat_maps_on_volume(maps, model().heatmap, basis.study.volume.geometry)


@pytest.mark.parametrize("order", ORDERS)
def test_every_voxel_lies_where_it_lies_in_the_nifti(order, tmp_path):
    """Read by another program each voxel has, within 0.1 mm, the LPS point and the heat of the NIfTI's."""
    basis = based(order)
    write_image(tmp_path / "heat.nii.gz", heat_of(basis), basis.study.volume.geometry)
    nifti = sitk.ReadImage(tmp_path / "heat.nii.gz")

    read = hd.imread(BytesIO(file_of(parametric_map(basis))))
    volume = read.get_volume(allow_missing_positions=True, dtype=np.float32)

    hot = np.argwhere(volume.array > 0)
    points = volume.map_indices_to_reference(hot)
    places = np.asarray([nifti.TransformPhysicalPointToContinuousIndex(point.tolist()) for point in points])
    nearest = places.round().astype(int)
    assert np.abs((places - nearest) * nifti.GetSpacing()).max() <= 0.1
    assert_array_equal(sitk.GetArrayFromImage(nifti)[tuple(nearest.T[::-1])], volume.array[tuple(hot.T)])
    assert np.count_nonzero(heat_of(basis)) == len(hot)


def test_frames_are_those_of_slices_with_heat():
    """A map of a whole CT would be hundreds of megabytes of zeros."""
    basis = based()
    hot = np.flatnonzero(heat_of(basis).any(axis=(1, 2)))

    made = parametric_map(basis)

    frames = made.PerFrameFunctionalGroupsSequence
    sources = [frame.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID for frame in frames]
    assert sorted(basis.study.slices[k].SOPInstanceUID for k in hot) == sorted(sources)
    assert len(hot) < len(basis.study.slices) / 2


def test_each_frame_is_the_heat_of_the_slice_it_names(basis):
    """Reference and pixels belong together, as float32 and not rescaled."""
    heat, made = heat_of(basis), parametric_map(basis)
    index = {one.SOPInstanceUID: k for k, one in enumerate(basis.study.slices)}
    stored = np.frombuffer(made.FloatPixelData, np.float32).reshape(-1, made.Rows, made.Columns)

    for frame, pixels in zip(made.PerFrameFunctionalGroupsSequence, stored, strict=True):
        source = frame.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
        assert_array_equal(heat[index[source]], pixels)
        assert_allclose(frame.PlanePositionSequence[0].ImagePositionPatient, _position(basis, index[source]))


def _position(basis, k):
    return list(basis.study.slices[k].ImagePositionPatient)


def test_the_quantity_is_grad_cam_without_unit(basis):
    """Programs find (130403, DCM), and that stored and real values are one."""
    [mapping] = parametric_map(basis).SharedFunctionalGroupsSequence[0].RealWorldValueMappingSequence

    assert (1.0, 0.0) == (mapping.RealWorldValueSlope, mapping.RealWorldValueIntercept)
    [quantity] = mapping.QuantityDefinitionSequence
    assert codes.DCM.GradientWeightedClassActivation == hd.sr.CodedConcept.from_dataset(quantity.ConceptCodeSequence[0])
    assert heat_of(basis).max() == np.float32(mapping.DoubleFloatRealWorldValueLastValueMapped)


def test_a_map_without_heat_is_none():
    """Where no place speaks for metastasis there is nothing to show; the report says so."""
    assert parametric_map(based(cold=(1, 2))) is None
    assert parametric_map(based(cold=(1,))) is not None


@pytest.mark.parametrize("order", ORDERS)
def test_it_conforms(order, tmp_path):
    """An independent checker finds no error."""
    assert [] == errors_of(parametric_map(based(order)), tmp_path)
