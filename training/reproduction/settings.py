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

HEADLINE_SHARE = 0.25
"""Of the nodes reviewed, at which the words speak of the cure: what `audit` asks about by default."""

FRESH_WEIGHTS = "no pretrained weights"


@dataclass(frozen=True, slots=True)
class Training:
    """
    How a network learns.

    Attributes:
        network: Name in the catalogue.
        augmented: Whether crops are flipped, turned and shifted.
        epoch_count: All of them are done.
        batch_size: Slices in a step.
        input_px: Side of the input.
        learning_rate: Of Adam; that of all commands if not given.
        side_mm: Of the box; what fits 95 % of the training nodes if not given.

    Raises:
        InvalidOptions: no such network.
    """

    network: str
    augmented: bool = False
    epoch_count: int = EPOCH_COUNT
    batch_size: int = BATCH_SIZE
    input_px: int = INPUT_PX
    learning_rate: float | None = None
    side_mm: float | None = None

    def __post_init__(self) -> None:
        if self.network not in NETWORK_NAMES:
            raise InvalidOptions(f"no network is called {self.network!r}; there are {', '.join(NETWORK_NAMES)}")

    @property
    def rate(self) -> float:
        """The learning rate."""
        return LEARNING_RATES[self.network] if self.learning_rate is None else self.learning_rate

    def deviations(self) -> tuple[str, ...]:
        """What is not as in the paper, or cannot be told to be, in words."""
        found = [
            f"{ours} {name} instead of {papers}"
            for name, ours, papers in (
                ("epochs", self.epoch_count, EPOCH_COUNT),
                ("slices a step", self.batch_size, BATCH_SIZE),
                ("px of input", self.input_px, INPUT_PX),
            )
            if ours != papers
        ]
        if self.side_mm is not None:
            found.append(f"a box of {self.side_mm:g} mm, whatever the nodes")
        found.append(f"a learning rate of {self.rate:g}, chosen here")
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


POOLING = Training(
    "cnn-gap", augmented=True, epoch_count=40, batch_size=16, input_px=32, learning_rate=2e-3, side_mm=26.0
)
"""
Pixels of about the CT's own size: a third convolution then sees 14 mm, most of a node, where 224 pixels show it 3 mm;
and there are steps enough for a network that begins to learn late.
"""


@dataclass(frozen=True, slots=True)
class Settings:
    """
    All choices of a reproduction.

    Attributes:
        preset: Difficulty of the phantoms.
        patient_count: Of them.
        label_noise: Share of wrong labels.
        seed: Of everything that is drawn.
        experiments: Rows of Table 3.
        shares: Of the nodes that are reviewed at each point of the curve; ascending from 0.
        reader_accuracy: Share of right answers of the simulated radiologist.
        control_share: Of the guided worklists, what is drawn at random.
        fold_count: Parts of the patients in cross-validation.
        pooling: The network with the pooling head.
        pooling_shares: Points of the curve at which it is cross-validated; if any, with the given and the true labels
            too.
        draw_count: How often wrong labels and the reader's errors are drawn anew, for a cure without networks.

    Raises:
        InvalidOptions: a share is none, or they do not ascend from 0.
    """

    preset: str = LITERATURE.name
    patient_count: int = PATIENT_COUNT
    label_noise: float = 0.42
    seed: int = 0
    experiments: tuple[Experiment, ...] = EXPERIMENTS
    shares: tuple[float, ...] = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.5)
    reader_accuracy: float = 0.95
    control_share: float = 0.2
    fold_count: int = 5
    pooling: Training = POOLING
    pooling_shares: tuple[float, ...] = (HEADLINE_SHARE,)
    draw_count: int = 20

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
        """All that is not as in the paper, in words: of the cohort, of each experiment, and of the cure's network."""
        found = ["phantoms instead of patients"]
        if self.patient_count != PATIENT_COUNT:
            found.append(f"{self.patient_count} patients instead of {PATIENT_COUNT}")
        if self.preset != LITERATURE.name:
            found.append(f"phantoms of the preset {self.preset}, not {LITERATURE.name}")
        found += [f"{each.name}: {words}" for each in self.experiments for words in each.training.deviations()]
        if self.pooling_shares:
            network = f"{self.pooling.network}, which is not in the paper"
            found += [f"{network}: {words}" for words in self.pooling.deviations()]
        return tuple(found)


def quick(settings: Settings) -> Settings:
    """
    What fits into minutes on two cores: fewer and easier phantoms, smaller inputs, fewer folds and draws.

    The network without augmentation has more epochs, as each has fewer steps: enough to learn by heart.
    """
    smaller = {"CNN without augmentation": 160, "CNN with augmentation": 30, "ResNet-50": 8}
    experiments = tuple(
        replace(each, training=replace(each.training, epoch_count=smaller[each.name], input_px=32, learning_rate=rate))
        for each in settings.experiments
        for rate in (1e-3 if each.training.network == "cnn" else None,)
    )
    return replace(
        settings,
        preset=EASY.name,
        patient_count=200,
        experiments=experiments,
        shares=tuple(share for share in settings.shares if share <= HEADLINE_SHARE),
        fold_count=4,
        pooling=replace(settings.pooling, epoch_count=25),
        draw_count=3,
    )
