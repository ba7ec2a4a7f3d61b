"""What is told of a release."""

from tests.imaging.manifests import manifest
from tests.training.release.known import facts
from training.release.gates import gates_of
from training.release.output import summary_of


def test_the_summary_ends_with_the_verdict():
    """A row for each gate, then RELEASED only where all passed."""
    gates = gates_of(facts())
    released = summary_of(manifest(gates=gates))
    refused = summary_of(manifest(gates=gates_of(facts(control=None))))

    assert len(gates) + 2 == released.count("\n|") + 1
    assert released.endswith(f"\nRELEASED: {len(gates)} of {len(gates)} gates passed\n")
    assert refused.endswith(f"\nNOT RELEASED (research only): {len(gates) - 1} of {len(gates)} gates passed\n")
    assert "| permuted labels: out-of-fold AUC | – |" in refused
