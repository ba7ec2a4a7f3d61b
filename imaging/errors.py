"""
What can be wrong with the images, as a tree.

* ImagingError
  + InvalidGeometry      these numbers describe no voxel grid
  + InvalidVoxels        the voxels do not fill the grid, or are no Hounsfield units
  + InvalidMask          the mask holds something other than labels
  + TooManyNodes         the mask marks more nodes than were asked for
  + MaskOutsideVolume    nothing of what the mask marks lies in the CT
  + InvalidSpec          these choices make no crop
  + InvalidManifest      a model file does not say what it must say about itself
  + InvalidReview        what a reader is said to have said about a node is impossible
  + InvalidLedger        a ledger of reviews was changed, or cannot be read or written
    - TakenEntryId       an entry's id is that of another review already
  + OneClass             benign and metastatic nodes are not both there to be told apart
  + UnreadableImage      a file that is not an image we can read
    - UnreadableSeries   a folder that is not one CT series
      * NoCtImage        it holds no CT at all
      * UnevenSlices     slices are missing, doubled or uneven

Every leaf is the caller's to repair; the message says how.
"""


class ImagingError(ValueError):
    """Base of all faults that different input would cure."""


class InvalidGeometry(ImagingError):
    """The numbers describe no voxel grid."""


class InvalidVoxels(ImagingError):
    """The voxels do not fill the grid, or are no Hounsfield units."""


class InvalidMask(ImagingError):
    """The mask holds something other than labels."""


class TooManyNodes(ImagingError):
    """The mask marks more nodes than were asked for."""


class MaskOutsideVolume(ImagingError):
    """Nothing of what the mask marks lies in the CT."""


class InvalidSpec(ImagingError):
    """The choices of a preprocessing spec make no crop."""


class InvalidManifest(ImagingError):
    """A model file does not say what it must say about itself."""


class InvalidReview(ImagingError):
    """What a reader is said to have said about a node is impossible."""


class InvalidLedger(ImagingError):
    """A ledger of reviews was changed, or cannot be read or written."""


class TakenEntryId(InvalidLedger):
    """An entry's id is that of another review already."""


class OneClass(ImagingError):
    """Benign and metastatic nodes are not both there to be told apart."""


class UnreadableImage(ImagingError):
    """A file is not an image we can read."""


class UnreadableSeries(UnreadableImage):
    """A folder does not hold exactly one readable CT series."""


class NoCtImage(UnreadableSeries):
    """A folder holds no DICOM image of modality CT."""


class UnevenSlices(UnreadableSeries):
    """The slices of a series are missing, doubled or uneven."""
