"""
What can be wrong with the images, as a tree.

* ImagingError
  + InvalidGeometry      these numbers describe no voxel grid
  + InvalidVoxels        the voxels do not fill the grid, or are no Hounsfield units
  + InvalidMask          the mask holds something other than labels
  + TooManyNodes         the mask marks more nodes than were asked for
  + TooManyVoxels        a CT or a mask is larger than was allowed
  + MaskOutsideVolume    nothing of what the mask marks lies in the CT
  + InvalidSpec          these choices make no crop
  + InvalidManifest      a model file does not say what it must say about itself
  + InvalidReview        what a reader is said to have said about a node is impossible
  + InvalidLedger        a ledger of reviews was changed, or cannot be read or written
    - TakenEntryId       an entry's id is that of another review already
  + OneClass             benign and metastatic nodes are not both there to be told apart
  + NoCluster            there is no Ray, or no cluster of it
  + UnnamedStudy         a DICOM study lacks the UIDs that results must refer to
  + UnreadableImage      a file that is not an image we can read
    - UnreadableDicom    DICOM instances we cannot use
      * UnreadableSeries   they are not one CT series
        + NoCtImage        there is no CT at all
        + MixedSlices      slices differ in what one series shares
        + UnevenSlices     slices are missing, doubled or uneven
        + TiltedSlices     slices are shifted sideways
        + UnreadablePixels a slice has no pixels, or none that are Hounsfield units
      * UnreadableMarking  a SEG or RTSTRUCT does not say what it marks
        + NoMarking        there is none for the CT
        + SeveralMarkings  there are several for the CT, or for several CTs
        + UnknownMark      it has nothing of the name that was asked for
        + OtherFrame       it lies in another frame of reference than the CT
        + AbsentInstances  it refers to instances that are not there

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


class TooManyVoxels(ImagingError):
    """A CT or a mask is larger than was allowed."""


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


class NoCluster(ImagingError):
    """There is no Ray, or no cluster of it."""


class UnnamedStudy(ImagingError):
    """A DICOM study lacks the UIDs that results must refer to."""


class UnreadableImage(ImagingError):
    """A file is not an image we can read."""


class UnreadableDicom(UnreadableImage):
    """
    DICOM instances cannot be used.

    Attributes:
        field: Path of what is wrong, such as ``instances[InstanceNumber=12].PixelSpacing``. Neither it nor the message
            holds a name, an identifier or a path.
    """

    def __init__(self, message: str, field: str = "instances") -> None:
        super().__init__(message)
        self.field = field


class UnreadableSeries(UnreadableDicom):
    """The instances are not exactly one readable CT series."""


class NoCtImage(UnreadableSeries):
    """There is no DICOM image of modality CT."""


class MixedSlices(UnreadableSeries):
    """The slices differ in what the slices of one series share."""


class UnevenSlices(UnreadableSeries):
    """The slices of a series are missing, doubled or uneven."""


class TiltedSlices(UnreadableSeries):
    """The slices are shifted sideways, as by a tilted gantry."""


class UnreadablePixels(UnreadableSeries):
    """A slice has no pixels that can be decoded, or none that are Hounsfield units."""


class UnreadableMarking(UnreadableDicom):
    """A segmentation or structure set does not say what it marks."""


class NoMarking(UnreadableMarking):
    """No segmentation or structure set marks nodes in the CT."""


class SeveralMarkings(UnreadableMarking):
    """There are several segmentations or structure sets, or one for several CTs."""


class UnknownMark(UnreadableMarking):
    """Nothing is marked under the name that was asked for."""


class OtherFrame(UnreadableMarking):
    """What is marked lies in another frame of reference than the CT."""


class AbsentInstances(UnreadableMarking):
    """The marking refers to instances of the CT that are not there."""
