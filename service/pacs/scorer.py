"""From the files of a study to its results, by way of the service."""

import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import pydicom
from pydicom.dataset import Dataset

from imaging.dicom.reader import read_study
from imaging.errors import ImagingError
from service.client import NodeClassifier
from service.dicom.kinds import ALL, ResultKind
from service.dicom.results import result_objects
from service.faults import ServiceFault
from service.options import ClassifyOptions
from service.pacs.discretion import guarded
from service.pacs.failing import meaning_of
from service.pacs.faults import NotToBeScored
from service.served import ServedModel


@dataclass(frozen=True, slots=True)
class Choices:
    """
    What an operator may choose about answers.

    Attributes:
        model: Name of the model; empty is the server's default.
        model_version: Its version; 0 is the newest.
        options: For the service.
        kinds: Which results are wanted.
    """

    model: str = ""
    model_version: int = 0
    options: ClassifyOptions = field(default_factory=ClassifyOptions)
    kinds: Collection[ResultKind] = ALL


class Scorer:
    """
    Asks the service about studies; only voxels and their places are sent.

    Every method raises a `service.pacs.faults.PacsFault` that tells whether the service is away, the study failed, or
    never gets an answer.

    Args:
        classifier: The service.
        choices: What is asked for.
    """

    def __init__(self, classifier: NodeClassifier, choices: Choices) -> None:
        self._classifier = classifier
        self._choices = choices

    def model(self, digest: str = "") -> ServedModel:
        """
        The model that answers.

        Args:
            digest: Of one that is preferred, if the server still has it.
        """
        try:
            if digest:
                for model in self._classifier.models():
                    if model.ready and model.ref.digest == digest:
                        return model
            return self._classifier.model(self._choices.model, self._choices.model_version)
        except ServiceFault as failure:
            raise meaning_of(failure) from failure

    def results(self, files: Sequence[bytes], names: Sequence[str], model: ServedModel) -> tuple[Dataset, ...]:
        """
        The results for a CT and a marking.

        Args:
            files: All slices of the CT, and the marking.
            names: What of the marking are nodes.
            model: Is to answer.
        """
        chosen = self._choices
        try:
            study = read_study(files, names)
            asked = (study.volume, study.mask, model.ref.name, model.ref.version, chosen.options)
            found = self._classifier.classify(*asked)
            return result_objects(study, found, model.manifest, chosen.options, chosen.kinds)
        except ImagingError as error:
            raise NotToBeScored(self._told(error, files)) from error
        except ServiceFault as failure:
            raise meaning_of(failure) from failure

    def _told(self, error: ImagingError, files: Sequence[bytes]) -> str:
        """What is wrong with a study, without a word that stands in it."""
        datasets = (pydicom.dcmread(io.BytesIO(each), stop_before_pixels=True, force=True) for each in files)
        otherwise = f"the study cannot be scored ({type(error).__name__}); nodelens-score --dicom tells more"
        return guarded(str(error), datasets, otherwise)
