"""All that a run's heat maps can be held to."""

from dataclasses import dataclass

from training.crops import NodeCrops
from training.evidence.counterfactual import Counterfactual, answers_to, counterfactual
from training.evidence.localisation import Localisation, localisation_by_label, located_all
from training.evidence.measured import is_above
from training.evidence.nodes import HeldOutNodes
from training.evidence.randomisation import Randomisation, fresh_networks, randomisation
from training.evidence.repainted import Repainted
from training.evidence.repeatability import Repeatability
from training.evidence.twins import Twins
from training.held_out import answer_held_out
from training.predict import slice_evidence
from training.run import Run


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    Results on the test part of a run; intervals are 95 %, from resampled patients.

    Attributes:
        network: Its name.
        node_count: Nodes tested.
        patient_count: Patients tested.
        margin_mm: How far from a node is still near it.
        guidance: Weight of the evidence beside the node in the loss; above 0, the maps were trained on and only the
            counterfactual is independent.
        localisation: By label, and of all.
        randomisation: With weights taken back.
        counterfactual: With the node taken away.
        repeatability: With another seed, if a second run was given.
        synthetic: True for phantoms, whose results say nothing about patients.
        twins: What the node alone changes in phantoms, if twins were given.
    """

    network: str
    node_count: int
    patient_count: int
    margin_mm: float
    guidance: float
    localisation: dict[str, Localisation]
    randomisation: Randomisation
    counterfactual: Counterfactual
    repeatability: Repeatability | None
    synthetic: bool
    twins: Twins | None = None

    @property
    def verdicts(self) -> dict[str, bool]:
        """What must hold, and whether it does by the whole of its interval."""
        return {
            "the heat lies on the node more than by chance": is_above(self.localisation["all"].lift, 1.0),
            "it lies there more than with weights that learnt nothing": is_above(self.randomisation.lift_above, 0.0),
            "the answer comes from the node": self.counterfactual.from_node,
        }


def evidence_of(
    run: Run,
    crops: NodeCrops,
    nodes: HeldOutNodes,
    painted: Repainted,
    other: Repeatability | None,
    margin_mm: float,
    draw_count: int,
) -> Evidence:
    """
    Hold a run to its heat maps.

    Args:
        run: A finished one.
        crops: Of its cohort.
        nodes: Its test part.
        painted: The same nodes with parts taken away.
        other: How its maps repeat, if known.
        margin_mm: How far from a node is still near it.
        draw_count: Fresh networks to take weights from.

    Raises:
        InvalidRun: training has not finished.
    """
    network, config = run.network(), run.config
    held_out = answer_held_out(run, crops)
    maps = located_all(network, slice_evidence(network, nodes.pixels), nodes, margin_mm)
    return Evidence(
        network=config.network,
        node_count=len(maps),
        patient_count=len(set(nodes.patients.tolist())),
        margin_mm=margin_mm,
        guidance=config.guidance,
        localisation=localisation_by_label(maps, nodes),
        randomisation=randomisation(network, list(fresh_networks(config, draw_count)), nodes, maps),
        counterfactual=counterfactual(
            answers_to(network, painted, config.spec.aggregation),
            nodes.patients,
            held_out.calibration,
            held_out.operating_point.probability,
        ),
        repeatability=other,
        synthetic=config.synthetic,
    )
