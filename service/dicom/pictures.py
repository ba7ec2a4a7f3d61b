"""Key images for viewers that show no parametric map: Secondary Capture (PS3.3 A.8.1), one a node."""

from dataclasses import replace

from highdicom.sc import SCImage
from pydicom.dataset import Dataset

from imaging.crop import Crop, EdgePolicy
from imaging.heatmap import heat_maps_on_volume
from imaging.node import Node
from imaging.preprocessing import prepare
from imaging.spec import PreprocessingSpec
from imaging.volume import Volume
from imaging.window import Window
from service.dicom.basis import Basis
from service.dicom.finish import equipment, finished
from service.dicom.kinds import ResultKind
from service.dicom.nodes import ReportedNode, scored
from service.findings import Heat
from service.overlay import overlay_pixels

SOFT_TISSUE = Window(-135.0, 215.0)
SURROUNDINGS = 1.6
"""Side of a picture over that of the network's crop, or of the node."""

LEAST_SIDE_MM = 80.0
AXIAL_COSINE = 0.9
VIEW_PX = 320


def pictures(basis: Basis) -> tuple[SCImage, ...]:
    """The middle slice of the crop of each scored node that has a heat map, without and with the heat, by label."""
    shown = [(each, crop, each.finding.heatmap) for each, crop in scored(basis.nodes)]
    return tuple(
        _picture(each, crop, heatmap, number, basis)
        for number, (each, crop, heatmap) in enumerate(shown, start=1)
        if heatmap is not None
    )


def _picture(each: ReportedNode, crop: Crop, heatmap: Heat, number: int, basis: Basis) -> SCImage:
    view = view_of(each.node, basis.study.volume, basis.manifest.preprocessing)
    heat = heat_maps_on_volume([(heatmap.values, crop)], basis.manifest.heatmap, view.geometry)
    seen_mm, _, _ = crop.geometry.box.size_mm
    first = basis.headers[0]
    image = SCImage(
        pixel_array=overlay_pixels(view, heat, _title(each, basis), seen_mm),
        photometric_interpretation="RGB",
        bits_allocated=8,
        coordinate_system="PATIENT",
        patient_orientation=("L", "P"),
        study_instance_uid=first.StudyInstanceUID,
        sop_instance_uid=basis.uid("picture", str(each.finding.label)),
        instance_number=number,
        contributing_equipment=[equipment(basis)],
        **basis.series(ResultKind.SC),
    )
    image.BurnedInAnnotation = "YES"
    image.ConversionType = "WSD"
    image.DerivationDescription = f"Crop of the CT at {each.tracking_id}, with Grad-CAM. {basis.legend}"
    if each.slice_index is not None:
        image.SourceImageSequence = [_reference(basis.headers[each.slice_index])]
    return finished(image, basis)


def view_of(node: Node, volume: Volume, spec: PreprocessingSpec) -> Crop:
    """A node in its surroundings as a reader wants them: the same slices as the network's, larger, in soft tissue."""
    width, height, _ = node.box.size_mm
    wide = replace(
        spec,
        window=SOFT_TISSUE,
        side_mm=max(LEAST_SIDE_MM, SURROUNDINGS * spec.side_mm, SURROUNDINGS * max(width, height)),
        input_shape_px=(VIEW_PX, VIEW_PX),
        min_node_volume_mm3=0.0,
    )
    [prepared] = prepare(volume, [node], wide, EdgePolicy.PAD)
    assert prepared.crop is not None
    return prepared.crop


def _title(each: ReportedNode, basis: Basis) -> str:
    """What is burned in: numbers and warnings, and nothing of the patient; the name of a mark might be that."""
    score = each.finding.score
    assert score is not None
    source = " (learnt from phantoms)" if basis.synthetic else ""
    return "\n".join(
        [
            f"{basis.legend}. Not a diagnosis.",
            f"Node {each.finding.label}{_place(each, basis)}: probability of metastasis {score.probability:.2f}, "
            f"called {score.call.value} at {basis.operating_point:.2f}",
            f"{basis.manifest.name} {basis.manifest.version}{source}",
            *(notice.message for notice in each.finding.notices),
        ]
    )


def _place(each: ReportedNode, basis: Basis) -> str:
    """Which image of the CT the picture is of; its height where the CT's images lie another way."""
    study, index = basis.study, each.slice_index
    if index is not None and abs(study.volume.geometry.direction[0][2]) > AXIAL_COSINE:
        number = study.slices[index].get("InstanceNumber")
        if number is not None:
            return f", CT image {number}"
    return f", z {each.crop.geometry.box.centre_mm[2]:.1f} mm" if each.crop else ""


def _reference(header: Dataset) -> Dataset:
    reference = Dataset()
    reference.ReferencedSOPClassUID = header.SOPClassUID
    reference.ReferencedSOPInstanceUID = header.SOPInstanceUID
    return reference
