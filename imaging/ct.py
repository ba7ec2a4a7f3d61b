"""A CT on disk, in whatever form."""

from pathlib import Path

from imaging.dicom.series import read_series
from imaging.files import read_volume
from imaging.volume import Volume


def read_ct(path: Path) -> Volume:
    """
    Read a CT from a file, or from a folder with one DICOM series.

    Raises:
        ImagingError: it is not a CT we can read.
    """
    return read_series(path) if path.is_dir() else read_volume(path)
