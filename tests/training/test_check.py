"""The command nodelens-train check."""

import pytest

from tests.training.cohorts import read_table, write_cohort, write_table
from training.cases import read_cohort
from training.main import main
from training.phantoms.defects import inject_defects


@pytest.fixture
def table(tmp_path):
    """The table of twelve patients, to be spoilt."""
    return write_cohort(tmp_path / "cohort", patient_count=12)


def check(table, *words):
    """Run the command; its exit code and folder."""
    out = table.parent.parent / "checked"
    return main(["check", "--cases", str(table), "--out", str(out), *words]), out


def test_bad_rows_are_named_and_the_rest_goes_on(table, capsys):
    """A wrong label, a missing and an unreadable file fall; what is left can be trained on by the plan."""
    rows = read_table(table)
    rows[0]["label"] = "2"
    rows[1]["image"] = "gone.nii.gz"
    (table.parent / "ct-2.nii.gz").write_bytes(b"not an image")

    code, out = check(write_table(table.parent, rows))

    assert 0 == code
    assert 9 == len(read_cohort(out / "kept.csv").cases)
    shown = capsys.readouterr().out
    assert "9 of 12 cases passed (SYNTHETIC phantoms)" in shown
    assert all(f"1 {rule}" in shown for rule in ("wrong-label", "missing-file", "unreadable-image"))
    names = {"check.html", "check.json", "kept.csv", "findings.csv", "plan.toml", "cohort.json"}
    assert names == {path.name for path in out.iterdir()}
    options = ["--plan", str(out / "plan.toml"), "--input-px", "32", "--epochs", "1", "--threads", "1"]
    words = ["--cases", str(out / "kept.csv"), "--network", "cnn-gap", "--out", str(out / "run"), *options]
    assert 0 == main(["fit", *words])


def test_the_paper_can_plan(table, capsys):
    """The preset writes the paper's window, spacing and input."""
    _, out = check(table, "--preset", "paper")

    text = (out / "plan.toml").read_text()
    for line in ("spacing_mm = [0.79, 0.79, 0.79]", "window_hu = [-135.0, 215.0]", "input_px = 224"):
        assert line in text
    assert "input_px = 224" in capsys.readouterr().out


def test_rules_are_measured_where_defects_were_injected(table, capsys):
    """With a ledger beside the table, what was found of it is said."""
    inject_defects(table.parent, 0.25, 0)

    check(table)

    assert "injected defects found, and findings that are right" in capsys.readouterr().out


def test_a_rule_can_be_made_to_warn(table, capsys):
    """Copies under another patient are kept where one wants them, and counted as warnings."""
    rows = read_table(table)
    (table.parent / "again.nii.gz").write_bytes((table.parent / "mask-3.nii.gz").read_bytes())
    write_table(table.parent, [*rows, {**rows[3], "mask": "again.nii.gz"}])

    check(table)
    assert "12 of 13 cases passed" in capsys.readouterr().out

    check(table, "--warn", "duplicate-pixels")
    shown = capsys.readouterr().out
    assert "13 of 13 cases passed" in shown
    assert "1 duplicate-pixels" in shown


def test_nothing_left_is_refused(table, capsys):
    """Exit code 2, one line, and the report is there."""
    code, out = check(write_table(table.parent, [{**row, "label": "x"} for row in read_table(table)]))

    assert 2 == code
    assert "no case passed; see" in capsys.readouterr().err
    assert (out / "check.html").is_file()
