"""How good a network is, in numbers and in words."""

import numpy as np

from tests.training.cohorts import read_table
from tests.training.fitted import answers
from training.evaluation import evaluated, table_of, write_predictions


def test_results_of_patients_are_not_called_synthetic(fitted):
    """Only what was measured on phantoms is marked so."""
    _, _, held_out = answers(fitted)
    tables = {synthetic: table_of({"cnn": evaluated(held_out, synthetic)}) for synthetic in (True, False)}

    assert "SYNTHETIC" in tables[True]
    assert "SYNTHETIC" not in tables[False]
    assert tables[False] in tables[True]


def test_predictions_have_a_row_for_each_node(fitted, tmp_path):
    """Patients, labels and probabilities are in the table; paths are not."""
    _, _, held_out = answers(fitted)
    write_predictions(tmp_path / "predictions.csv", held_out)
    rows = read_table(tmp_path / "predictions.csv")

    assert held_out.patients == [row["patient"] for row in rows]
    np.testing.assert_allclose([float(row["probability"]) for row in rows], held_out.probabilities, rtol=1e-5)
    assert not any("/" in row["image"] for row in rows)
