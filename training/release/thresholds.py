"""What a model must reach."""

from dataclasses import dataclass

from training.onnx_file import HEATMAP_TOLERANCE, PROBABILITY_TOLERANCE


@dataclass(frozen=True, slots=True)
class Thresholds:
    """
    What a model must reach: by the whole of an interval, not by a value, unless it is said to be a value.

    Where no source is named the number is our own choice, and says what it is worth.

    Attributes:
        chance: AUC of knowing nothing.
        control_half_width: Of the interval of the permuted control. Two runs contain .5 whatever leaks; a leak that
            lifts the AUC by as much as this must show.
        short_axis: By how much the AUC must exceed that of the short axis, which every radiologist has for nothing
            (RECIST 1.1: Eisenhauer et al. 2009, Eur. J. Cancer 45:228).
        baseline: Likewise of the best of the radiomic baselines. It may be below by the half-width of an interval
            worth having: the best of several is chosen on the same nodes and looks better than it is. It is a gate
            and no remark, because what a network adds in opacity must not cost accuracy.
        slope_factor: The calibration slope lies within this factor of 1. A slope of .5 means that answers are twice
            as extreme as they may be (Van Calster et al. 2019, BMC Med. 17:230).
        intercept: The calibration intercept lies within so much of 0: the natural logarithm of 2, odds that are
            twice too high or too low.
        empty_share: Largest value, of held-out nodes whose heat map is empty. A lift is the mean over the others: where
            they are fewer than half, it is not what a reader will see.
        lift: Of heat maps that know nothing of the node.
        fresh: By how much the lift must exceed that of networks which learnt nothing (Adebayo et al. 2018,
            arXiv:1810.03292).
        counterfactual: By how much the logit must change more without the node than without its surroundings.
        correlation: Of the maps of two seeds: above it they share at least a quarter of their variance in ranks
            (what Arun et al. 2021, doi:10.1148/ryai.2021200267, ask of saliency maps, with another measure).
        repeat_range: Largest value, between the AUCs of repeats: half-width of an interval worth having.
        subgroup: Lowest value, of the AUC of any group that is large enough to be measured: about what size alone
            reaches in published cohorts. A value, since the interval of a third of the nodes is too wide.
        auditor: AUC above which an audit of the labels can see.
        wrong_labels: Of all labels, as the audit estimates them. With so many wrong at random, 1 - 2 × .15 = 70 % of
            what the AUC has above .5 is left to be seen. The estimate is rather too high than too low.
        probability_difference: Largest value, between the file and the network.
        heatmap_difference: Likewise, as a share of the largest evidence.
    """

    chance: float = 0.5
    control_half_width: float = 0.1
    short_axis: float = 0.0
    baseline: float = -0.05
    slope_factor: float = 2.0
    intercept: float = 0.69
    empty_share: float = 0.5
    lift: float = 1.0
    fresh: float = 0.0
    counterfactual: float = 0.0
    correlation: float = 0.5
    repeat_range: float = 0.05
    subgroup: float = 0.6
    auditor: float = 0.5
    wrong_labels: float = 0.15
    probability_difference: float = PROBABILITY_TOLERANCE
    heatmap_difference: float = HEATMAP_TOLERANCE
