"""What is reproduced, and what is done otherwise than in the paper."""

from dataclasses import dataclass, replace

from training.errors import InvalidOptions
from training.networks.catalogue import NETWORK_NAMES
from training.options import LEARNING_RATES
from training.phantoms.presets import EASY, LITERATURE

PATIENT_COUNT = 385
"""Patients of the paper, after 567 CTs were checked."""

NODE_COUNT = 608
"""Their nodes, a slice of each."""

EPOCH_COUNT = 30
BATCH_SIZE = 4
INPUT_PX = 224

TRAINING_ACCURACY = 0.99
"""Of all three networks of the paper."""

FRESH_WEIGHTS = "no pretrained weights"


@dataclass(frozen=True, slots=True)
class Training:
    """
    How a network learns; the learning rate is that of all commands.

    Attributes:
        network: Name in the catalogue.
        augmented: Whether crops are flipped, turned and shifted.
        epoch_count: All of them are done.
        batch_size: Slices in a step.
        input_px: Side of the input.

    Raises:
        InvalidOptions: no such network.
    """

    network: str
    augmented: bool = False
    epoch_count: int = EPOCH_COUNT
    batch_size: int = BATCH_SIZE
    input_px: int = INPUT_PX

    def __post_init__(self) -> None:
        if self.network not in NETWORK_NAMES:
            raise InvalidOptions(f"no network is called {self.network!r}; there are {', '.join(NETWORK_NAMES)}")

    @property
    def learning_rate(self) -> float:
        """Of Adam."""
        return LEARNING_RATES[self.network]

    def deviations(self) -> tuple[str, ...]:
        """What is not as in the paper, in words."""
        found = [
            f"{ours} {name} instead of {papers}"
            for name, ours, papers in (
                ("epochs", self.epoch_count, EPOCH_COUNT),
                ("slices a step", self.batch_size, BATCH_SIZE),
                ("px of input", self.input_px, INPUT_PX),
            )
            if ours != papers
        ]
        return tuple(found + ([FRESH_WEIGHTS] if self.network == "resnet50" else []))


@dataclass(frozen=True, slots=True)
class Experiment:
    """
    A row of the paper's Table 3.

    Attributes:
        name: As in the table.
        training: Ours.
        paper_auc: On the paper's test slices.
    """

    name: str
    training: Training
    paper_auc: float


EXPERIMENTS = (
    Experiment("CNN without augmentation", Training("cnn"), 0.42),
    Experiment("CNN with augmentation", Training("cnn", augmented=True), 0.63),
    Experiment("ResNet-50", Training("resnet50"), 0.53),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """
    All choices of a reproduction.

    Attributes:
        preset: Difficulty of the phantoms.
        patient_count: Of them.
        label_noise: Chance of a wrong label.
        seed: Of everything that is drawn.
        experiments: Rows of Table 3.
        shares: Of the nodes that are reviewed at each point of the curve; ascending from 0.
        reader_accuracy: Share of right answers of the simulated radiologist.
        control_share: Of the guided worklists, what is drawn at random.
        fold_count: Parts of the patients in cross-validation.
        pooling: The network with the pooling head.
        pooling_shares: Points of the curve at which it is cross-validated; if any, with the given and the true labels
            too.

    Raises:
        InvalidOptions: a share is none, or they do not ascend from 0.
    """

    preset: str = LITERATURE.name
    patient_count: int = PATIENT_COUNT
    label_noise: float = 0.42
    seed: int = 0
    experiments: tuple[Experiment, ...] = EXPERIMENTS
    shares: tuple[float, ...] = (0.0, 0.125, 0.25, 0.5)
    reader_accuracy: float = 0.95
    control_share: float = 0.2
    fold_count: int = 5
    pooling: Training = Training("cnn-gap", augmented=True, batch_size=8, input_px=112)
    pooling_shares: tuple[float, ...] = (0.25,)

    def __post_init__(self) -> None:
        if not 0 <= self.label_noise < 0.5:
            raise InvalidOptions(f"--label-noise {self.label_noise}: must be from 0 to below 0.5")
        if self.shares[0] != 0 or list(self.shares) != sorted(set(self.shares)) or self.shares[-1] > 1:
            raise InvalidOptions(f"shares of reviewed nodes must ascend from 0 to 1 at most, got {self.shares}")

    @property
    def node_count(self) -> int:
        """As many for each patient as in the paper."""
        return round(self.patient_count * NODE_COUNT / PATIENT_COUNT)

    def deviations(self) -> tuple[str, ...]:
        """What of the cohort is not as in the paper, in words."""
        found = []
        if self.patient_count != PATIENT_COUNT:
            found.append(f"{self.patient_count} patients instead of {PATIENT_COUNT}")
        if self.preset != LITERATURE.name:
            found.append(f"phantoms of the preset {self.preset}, not {LITERATURE.name}")
        return tuple(found)


def quick(settings: Settings) -> Settings:
    """What fits into minutes on two cores: fewer and easier phantoms, smaller inputs, fewer epochs and folds."""
    smaller = {"cnn": (30, 64), "resnet50": (6, 64)}
    experiments = tuple(
        replace(each, training=replace(each.training, epoch_count=epochs, input_px=side))
        for each in settings.experiments
        for epochs, side in (smaller[each.training.network],)
    )
    return replace(
        settings,
        preset=EASY.name,
        patient_count=130,
        experiments=experiments,
        fold_count=3,
        pooling=replace(settings.pooling, epoch_count=20, batch_size=4, input_px=48),
    )
