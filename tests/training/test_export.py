"""The command nodelens-train export."""

import numpy as np
import pytest

from service.model import Device, load_model
from tests.training.fitted import answers
from training.main import main


def test_the_file_is_ready_to_serve(fitted, tmp_path, capsys):
    """It lies at NAME/VERSION, and says what it learnt from and how good it was; the next one is version 2."""
    for _ in range(2):
        assert 0 == main(["export", str(fitted), "--models", str(tmp_path / "models")])
    shown = capsys.readouterr().out
    model = load_model(tmp_path / "models" / "cnn-gap" / "2" / "model.onnx", Device.CPU, 1)
    _, crops, held_out = answers(fitted)
    row = list(crops.cases).index(held_out.cases[0])
    [answer] = model.answers([np.array(crops.pixels[row])])

    assert ("cnn-gap", 2) == (model.ref.name, model.ref.version)
    assert model.manifest.training_data.synthetic
    assert held_out.calibration == model.manifest.calibration
    assert held_out.logits[0] == pytest.approx(answer.logits.mean(), abs=1e-4)
    assert not model.manifest.released
    assert {"passed", "NOT PASSED", "NOT MEASURED"} == {gate.verdict for gate in model.manifest.gates}
    assert "gate NOT PASSED: trained and measured on patients: phantoms among them: 20 (≤ 0)" in shown
    assert "16 more gates are not measured: `nodelens-train release` asks them; research only" in shown


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--version", "0"], "versions count from 1"),
        (["--name", "../up"], "plain folder name"),
    ],
)
def test_bad_places_are_refused(fitted, tmp_path, capsys, options, message):
    """A name that climbs and a version below 1 are errors; nothing is written."""
    assert 2 == main(["export", str(fitted), "--models", str(tmp_path / "models"), *options])
    assert message in capsys.readouterr().err
    assert not (tmp_path / "models").exists()


def test_a_version_is_never_overwritten(fitted, tmp_path, capsys):
    """Asking for a version that exists is an error, and the file stays."""
    words = ["export", str(fitted), "--models", str(tmp_path / "models"), "--version", "3"]
    assert 0 == main(words)
    before = (tmp_path / "models" / "cnn-gap" / "3" / "model.onnx").read_bytes()

    assert 2 == main(words)
    assert "never overwritten" in capsys.readouterr().err
    assert before == (tmp_path / "models" / "cnn-gap" / "3" / "model.onnx").read_bytes()
