"""Whatever is wrong with an instance, the caller is told in words, and nothing of the patient is in them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from imaging.dicom.reader import read_study
from imaging.errors import ImagingError
from tests.imaging.dicom.markings import ball, changed, segmentation, stored, structure_set
from tests.imaging.dicom.scene import CT, GRID, LAYERS
from tests.imaging.series import slices_of

SLICES = slices_of(CT)
SEG = segmentation(SLICES, LAYERS, ("left", "right"))
RTSTRUCT = structure_set(SLICES, {"node": ball(GRID, (17.0, -12.0, 40.0), 5.0)})


def outcome(files):
    """What is wrong with files, in the words of an error of ours; nothing where they are read."""
    try:
        read_study(files)
    except ImagingError as error:
        return str(error)
    return ""


def elements(dataset):
    """All elements, those of items too."""
    for element in dataset:
        yield dataset, element
        if element.VR == "SQ":
            for item in element.value:
                yield from elements(item)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_missing_element_is_told_in_words(data):
    """Whatever is missing from a slice or marking, the study is read, or the error is one of ours."""
    original = data.draw(st.sampled_from([SLICES[3], SEG, RTSTRUCT]))
    damaged = changed(original)
    places = [(holder, element.tag) for holder, element in elements(damaged)]
    holder, tag = places[data.draw(st.integers(0, len(places) - 1))]
    del holder[tag]
    others = SLICES if original is RTSTRUCT else [s for s in (*SLICES, SEG) if s is not original]

    assert "Canary" not in outcome(stored(*others, damaged))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_cut_file_is_told_in_words(data):
    """Likewise wherever a file ends too early; it never passes for a smaller study."""
    original = data.draw(st.sampled_from([SLICES[3], SLICES[8], SEG, RTSTRUCT]))
    [content] = stored(original)
    cut = content[: data.draw(st.integers(132, len(content) - 2))]
    others = SLICES if original is RTSTRUCT else [s for s in (*SLICES, SEG) if s is not original]

    assert outcome([*stored(*others), cut])
