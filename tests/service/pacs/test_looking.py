"""What in a study is to be scored."""

from service.dicom.objects import file_of
from service.pacs.looking import UNREADABLE, header_of, look
from tests.service.pacs.fakes import FakeArchive, results, small_study
from tests.service.pacs.test_rules import RULE


def test_markings_are_found_and_results_are_not(journal):
    """Of one marking, one result and one result whose maker was overwritten, the marking is found."""
    archive = FakeArchive()
    slices, marking = small_study()
    _, segments = results()
    _, renamed = results(1)
    renamed.Manufacturer = "Archive Inc."
    journal.add_results([renamed.SOPInstanceUID])
    archive.add("study", slices, [marking, segments, renamed])

    assert ["study-m0-0"] == [each.marking for each in look(archive, archive.studies["study"], RULE, journal)]


def test_a_marking_that_cannot_be_read_is_a_problem(journal):
    """It may have been one of nodes."""
    archive = FakeArchive()
    slices, marking = small_study()
    archive.add("study", slices, [marking])
    archive.file = lambda instance: b"broken"

    [found] = look(archive, archive.studies["study"], RULE, journal)

    assert UNREADABLE == found.problem


def test_a_file_is_read_without_its_pixels():
    """They are not needed to know what it marks."""
    dataset = header_of(file_of(small_study()[0][0]))

    assert "CT" == dataset.Modality
    assert "PixelData" not in dataset
