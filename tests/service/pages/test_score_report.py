"""The option ``--report`` of `nodelens-score`."""

from imaging.files import write_image
from service.score import main
from tests.service.scans import scan


def test_a_report_can_be_had(server, tmp_path, capsys):
    """One page has all nodes, a picture of each scored one, and the model's gates."""
    volume, mask = scan()
    write_image(tmp_path / "ct.nii.gz", volume.hu, volume.geometry)
    write_image(tmp_path / "mask.nii.gz", mask.labels, mask.geometry)
    words = [str(tmp_path / "ct.nii.gz"), str(tmp_path / "mask.nii.gz"), "--server", server.address]
    options = ["--model", "cnn-gap", "--out", str(tmp_path / "out"), "--report", str(tmp_path / "pages" / "out.html")]
    code = main(words + options)
    page = (tmp_path / "pages" / "out.html").read_text()

    assert (0, "") == (code, capsys.readouterr().err)
    assert 2 == page.count('<img src="data:image/png')
    assert "not scored: at the edge of the CT" in page
    assert "auc above chance" in page
