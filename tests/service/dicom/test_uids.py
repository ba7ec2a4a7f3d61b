"""UIDs follow from what they name."""

from pydicom.uid import UID

from service.dicom.uids import uid_of


def test_a_uid_is_one_that_dicom_allows():
    """It is a UUID below 2.25, and no longer than 64 characters."""
    uids = [UID(uid_of("node", str(number))) for number in range(200)]

    assert all(uid.is_valid and uid.startswith("2.25.") and len(uid) <= 64 for uid in uids)
    assert 200 == len(set(uids))


def test_words_are_not_run_together():
    """Other words that read the same give another UID."""
    assert uid_of("ab", "c") != uid_of("a", "bc")
    assert uid_of("ab", "c") == uid_of("ab", "c")
