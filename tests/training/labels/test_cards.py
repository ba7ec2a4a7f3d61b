import base64
import io
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.image import imread

from imaging.crop import EdgePolicy
from training.cases import read_cohort
from training.errors import InvalidCases
from training.labels.cards import VIEW, node_picture, node_pictures
from training.scan import Scan


@pytest.fixture(scope="module")
def cases(cohort_csv):
    """Twelve patients with one node each."""
    return read_cohort(cohort_csv).cases


def pixels_of(picture):
    """Red, green and blue, (rows, columns, 3)."""
    return imread(io.BytesIO(base64.b64decode(picture.uri.partition(",")[2])))[..., :3]


def test_pictures_come_in_the_order_of_the_worklist(cases):
    """Whatever order the scans are read in, each case has its own picture."""
    few = cases[:3]

    assert node_pictures(few) == node_pictures(few[::-1])[::-1]
    assert 3 == len({picture.uri for picture in node_pictures(few)})


def test_the_node_is_outlined(cases):
    """A cyan line stands in the middle, and nothing else of the picture has a colour."""
    (node,) = Scan((cases[0],)).prepared(VIEW, EdgePolicy.PAD)

    coloured = np.ptp(pixels_of(node_picture(node.crop)), axis=2) > 0.2
    plain = np.ptp(pixels_of(node_picture(replace(node.crop, node_mask=np.zeros_like(node.crop.node_mask)))), axis=2)
    assert 50 < coloured.sum() < 0.05 * coloured.size
    assert plain.max() < 0.01


def test_a_damaged_ct_is_named(cases, tmp_path):
    """The fault names the row of the table."""
    damaged = replace(cases[0], image=tmp_path / "ct.nii.gz")
    damaged.image.write_bytes(b"damaged")

    with pytest.raises(InvalidCases, match="row 2, column image"):
        node_pictures([damaged])
