"""Where the network looked, as a Parametric Map (PS3.3 A.75) on the CT's own slices."""

import numpy as np
from highdicom import VOILUTTransformation
from highdicom.pm import ParametricMap, RealWorldValueMapping

from imaging.heatmap import heat_maps_on_volume
from service.dicom.basis import Basis
from service.dicom.codes import GRAD_CAM, NO_UNITS
from service.dicom.finish import equipment, finished
from service.dicom.kinds import ResultKind
from service.dicom.nodes import scored


def parametric_map(basis: Basis) -> ParametricMap | None:
    """
    All heat maps as stored on the wire: raw Grad-CAM, float32, on those slices of the CT that hold any.

    Returns:
        The map; None where there is no heat, because no place spoke for metastasis or no heat maps were asked for.
    """
    maps = [(each.finding.heatmap.values, crop) for each, crop in scored(basis.nodes) if each.finding.heatmap]
    heat = heat_maps_on_volume(maps, basis.manifest.heatmap, basis.study.volume.geometry)
    hot = np.flatnonzero(heat.any(axis=(1, 2)))
    if not hot.size:
        return None
    peak = float(heat.max())
    return finished(
        ParametricMap(
            source_images=[basis.headers[k] for k in hot],
            pixel_array=heat[hot],
            sop_instance_uid=basis.uid("parametric map"),
            instance_number=1,
            contains_recognizable_visual_features=False,
            real_world_value_mappings=[
                RealWorldValueMapping(
                    lut_label="GRAD_CAM",
                    lut_explanation="Grad-CAM after ReLU, not normalised",
                    unit=NO_UNITS,
                    value_range=(0.0, peak),
                    slope=1.0,
                    intercept=0.0,
                    quantity_definition=GRAD_CAM,
                )
            ],
            voi_lut_transformations=[
                VOILUTTransformation(window_center=peak / 2, window_width=peak, voi_lut_function="LINEAR_EXACT")
            ],
            content_label="GRAD_CAM",
            content_description=f"Where the network looked. {basis.legend}",
            contributing_equipment=[equipment(basis)],
            **basis.series(ResultKind.PARAMETRIC_MAP),
        ),
        basis,
    )
