"""The demonstration, as short as it can be."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_demonstration_ends_with_a_page(tmp_path):
    """Phantoms, training, export, server and scores; the page holds tables and pictures, and links to the viewer's."""
    words = ["-m", "deploy.demo.run", "--out", tmp_path / "demo", "--patients", "12", "--epochs", "1"]
    subprocess.run([sys.executable, *words], cwd=ROOT, env={"NODELENS_REAL_DATA": str(tmp_path)}, check=True)
    page = (tmp_path / "demo" / "report.html").read_text()

    assert "SYNTHETIC phantoms" in page
    for network in ("cnn", "cnn-gap"):
        row = rf"<td>{network}</td><td>\d+</td><td>\d\.\d+ \(\d\.\d+ to \d\.\d+\)</td>"
        assert re.search(row, page)
    assert len(re.findall(r"<td>(benign|metastatic)</td>", page)) >= 4
    assert page.count('<img src="data:image/png;base64,') == page.count("<img") >= 8
    assert not re.search(r'src="(?!data:)', page)
    links = re.findall(r'href="(.*?)"', page)
    assert len(links) == 4
    assert all("SYNTHETIC" in (tmp_path / "demo" / link).read_text() for link in links)
