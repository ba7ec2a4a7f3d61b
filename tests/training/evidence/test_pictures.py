"""Pictures of the evidence."""

import base64
from dataclasses import replace

from tests.training.fitted import answers
from training.evidence.pictures import cascade_picture, changes_picture, crops_picture


def size_of(picture):
    """Width and height, as a PNG's header says."""
    png = base64.b64decode(picture.uri.removeprefix("data:image/png;base64,"))
    return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])


def test_each_says_what_it_shows(fitted, parts):
    """Three PNGs with words for those who do not see them; the crops have a row for two nodes of each label."""
    evidence, nodes, painted = parts
    run, *_ = answers(fitted)
    cascade, changes = cascade_picture(evidence.randomisation), changes_picture(evidence.counterfactual)
    crops = crops_picture(run.network(), nodes, painted)

    assert "weights are taken back" in cascade.alt
    assert "Change of the logit" in changes.alt
    assert "outline" in crops.alt
    assert size_of(cascade) == size_of(changes)
    assert (880, 928) == size_of(crops)


def test_what_has_no_value_is_left_open(parts):
    """Without a single estimate there is a picture without bars."""
    randomisation = parts[0].randomisation

    open_one = cascade_picture(replace(randomisation, similarities={"output": None}))

    assert size_of(open_one) == size_of(cascade_picture(randomisation))
