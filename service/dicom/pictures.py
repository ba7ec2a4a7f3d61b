"""Key images for viewers that show no parametric map: Secondary Capture (PS3.3 A.8.1), one a node."""

from highdicom.sc import SCImage
from pydicom.dataset import Dataset

from imaging.crop import Crop
from service.dicom.basis import Basis
from service.dicom.finish import equipment, finished
from service.dicom.kinds import ResultKind
from service.dicom.nodes import ReportedNode, scored
from service.findings import Heat
from service.overlay import overlay_pixels


def pictures(basis: Basis) -> tuple[SCImage, ...]:
    """The middle slice of the crop of each scored node that has a heat map, without and with the heat, by label."""
    shown = [(each, crop, each.finding.heatmap) for each, crop in scored(basis.nodes)]
    return tuple(
        _picture(each, crop, heatmap, number, basis)
        for number, (each, crop, heatmap) in enumerate(shown, start=1)
        if heatmap is not None
    )


def _picture(each: ReportedNode, crop: Crop, heatmap: Heat, number: int, basis: Basis) -> SCImage:
    heat = basis.manifest.heatmap.on_crop(heatmap.values, crop.geometry)
    first = basis.headers[0]
    image = SCImage(
        pixel_array=overlay_pixels(crop, heat, _title(each, basis)),
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


def _title(each: ReportedNode, basis: Basis) -> str:
    """What is burned in: numbers and a warning, and nothing of the patient; the name of a mark might be that."""
    score = each.finding.score
    assert score is not None
    place = ""
    if each.slice_index is not None:
        number = basis.study.slices[each.slice_index].get("InstanceNumber")
        place = f", CT image {number}" if number is not None else ""
    return (
        f"Node {each.finding.label}{place}: probability of metastasis {score.probability:.2f}, {score.call.value} "
        f"at {basis.operating_point:.2f}\n"
        f"{basis.manifest.name} {basis.manifest.version}. {basis.legend}. Not a diagnosis."
    )


def _reference(header: Dataset) -> Dataset:
    reference = Dataset()
    reference.ReferencedSOPClassUID = header.SOPClassUID
    reference.ReferencedSOPInstanceUID = header.SOPInstanceUID
    return reference
