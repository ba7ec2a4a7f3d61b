"""The command `nodelens-score report`."""

from service.score import main


def test_a_page_is_written_from_the_results_of_a_batch(scored, tmp_path, capsys):
    """And its place is told."""
    code = main(["report", str(scored), "--out", str(tmp_path / "page.html")])

    assert (0, f"The report is {tmp_path / 'page.html'}\n") == (code, capsys.readouterr().out)
    assert "Worst misses" in (tmp_path / "page.html").read_text()


def test_what_are_no_results_is_one_clear_line(tmp_path, capsys):
    """With exit code 2, and no page."""
    code = main(["report", str(tmp_path), "--out", str(tmp_path / "page.html")])
    printed = capsys.readouterr().err

    assert (2, 1) == (code, printed.count("\n"))
    assert "holds no results of nodelens-score batch" in printed
    assert not (tmp_path / "page.html").exists()
