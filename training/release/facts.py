"""What is known of a model when it is to be released."""

from dataclasses import dataclass

from imaging.roc import Estimate


@dataclass(frozen=True, slots=True)
class Own:
    """
    What the run and its file tell of themselves.

    Attributes:
        crossing_patients: Patients in two parts of the split.
        crossing_duplicates: Nodes under two patients, in two parts.
        phantoms: Patients, learnt from or tested on, who are phantoms.
        auc: On the run's own held-out patients.
        node_count: Nodes on which the file was compared with the network: all held-out ones.
        probability_difference: Largest between them.
        heatmap_difference: Likewise, as a share of the largest evidence.
        labels: Ledger and revision that the labels are from; None for those of the table.
    """

    crossing_patients: int
    crossing_duplicates: int
    phantoms: int
    auc: Estimate
    node_count: int
    probability_difference: float
    heatmap_difference: float
    labels: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """Some of the nodes, by what they have in common; the AUC is None where they are too few."""

    name: str
    node_count: int
    auc: Estimate | None


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """
    What cross-validation by patient says of the same training.

    Attributes:
        node_count: Nodes answered.
        patient_count: Whose they are.
        auc: Of the network.
        short_axis_auc: Of the short axis.
        size_auc: Of the volume.
        above_short_axis: Difference to it, on the same nodes.
        sensitivity: At the operating point chosen on validation patients.
        specificity: Likewise.
        slope: Of the calibration.
        intercept: Likewise.
        groups: By size, slice spacing and scanner.
        repeat_range: Highest AUC minus lowest over the repeats; None if there was one.
        training_auc: Of nodes that were learnt from, at the best epochs; None if trainings did not record it.
    """

    node_count: int
    patient_count: int
    auc: Estimate
    short_axis_auc: Estimate
    size_auc: Estimate
    above_short_axis: Estimate
    sensitivity: Estimate
    specificity: Estimate
    slope: Estimate
    intercept: Estimate
    groups: tuple[Group, ...]
    repeat_range: float | None
    training_auc: float | None = None


@dataclass(frozen=True, slots=True)
class Baselines:
    """
    What can be said without a network.

    Attributes:
        aucs: Out of fold, by name.
        best: The name of the best but for the short axis.
        above_best: By how much the network's out-of-fold AUC exceeds its, on the nodes that both answered.
    """

    aucs: dict[str, Estimate]
    best: str
    above_best: Estimate


@dataclass(frozen=True, slots=True)
class Shown:
    """
    What heat maps and painted-out nodes show; None where no node could tell.

    Attributes:
        empty_share: Share of held-out nodes whose heat map is empty: of them the others tell nothing.
        lift: Of the heat maps.
        above_fresh: By how much it exceeds that of networks which learnt nothing.
        above_elsewhere: Change of the logit without the node minus that with as much painted out elsewhere.
        above_swapped: Likewise minus that with all but the node replaced.
        guided: Whether the maps were trained on.
    """

    empty_share: float
    lift: Estimate | None
    above_fresh: Estimate | None
    above_elsewhere: Estimate | None
    above_swapped: Estimate | None
    guided: bool


@dataclass(frozen=True, slots=True)
class Audited:
    """
    What an audit of the labels says.

    Attributes:
        auc: Of its auditors together.
        wrong: Share of all labels that it holds to be wrong: none of labels that were all reviewed; None where some
            were, since the others are no sample of all, and only random controls can tell how many are wrong.
    """

    auc: Estimate
    wrong: Estimate | None


@dataclass(frozen=True, slots=True)
class Facts:
    """
    All that is known of a model; None for what was not given.

    Attributes:
        own: The run and its file.
        out_of_fold: Of the same training.
        control: Mean out-of-fold AUC with permuted labels.
        baselines: On the same nodes.
        shown: By heat maps and painted-out nodes.
        correlation: Of its maps with those of another seed.
        audited: Its labels.
    """

    own: Own
    out_of_fold: OutOfFold | None = None
    control: Estimate | None = None
    baselines: Baselines | None = None
    shown: Shown | None = None
    correlation: Estimate | None = None
    audited: Audited | None = None
