import subprocess
import sys

import pytest

from training.main import COMMANDS, main


def test_help_lists_every_command_at_once(capsys):
    """The commands can be read without knowing one of them."""
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    assert 0 == ended.value.code
    shown = capsys.readouterr().out
    assert all(name in shown and summary in shown for name, summary in COMMANDS.items())


def test_help_does_not_wait_for_torch():
    """Who asks for help gets it without the seconds that torch takes."""
    script = (
        "import sys\n"
        "from training.main import main\n"
        "try:\n    main(['--help'])\n"
        "finally:\n    sys.exit('torch' in sys.modules or 'numpy' in sys.modules)\n"
    )

    assert 0 == subprocess.run([sys.executable, "-c", script], capture_output=True, check=False).returncode


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name, capsys):
    """Each command has a help text of its own."""
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])

    assert 0 == ended.value.code
    assert f"nodelens-train {name}" in capsys.readouterr().out


def test_a_fault_of_the_input_is_one_line(tmp_path, capsys):
    """What is wrong is said in one line on stderr, without a traceback, with exit code 2."""
    code = main(["fit", "--cases", str(tmp_path / "gone.csv"), "--network", "cnn", "--out", str(tmp_path / "run")])

    assert 2 == code
    assert f"nodelens-train: {tmp_path / 'gone.csv'}: no such file\n" == capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_fault_of_the_spec_is_one_line(cohort_csv, tmp_path, capsys):
    """Preprocessing options that make no crop end likewise."""
    words = ["--cases", str(cohort_csv), "--network", "cnn", "--out", str(tmp_path / "run"), "--side-mm", "0"]

    assert 2 == main(["fit", *words])
    assert "nodelens-train: side_mm must be at least one pixel, got 0.0\n" == capsys.readouterr().err


def test_without_a_command_there_is_a_hint(capsys):
    """Nothing to do is a mistake of the command line."""
    with pytest.raises(SystemExit) as ended:
        main([])

    assert 2 == ended.value.code
    assert "COMMAND" in capsys.readouterr().err
