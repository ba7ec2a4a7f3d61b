"""The report on one CT, in a browser."""

import io
import re
from dataclasses import replace

import matplotlib.image
import numpy as np
import pytest

from imaging.geometry import Geometry
from imaging.mask import NodeMask
from imaging.separation import NodeSeparation, find_nodes
from imaging.volume import Volume
from service.findings import Notice
from service.pages import bundle
from service.pages.report import write_report
from tests.service.pages.studies import study, told
from tests.service.scans import GRID, scan

READY = "body[data-ready=yes]"
FRESH = """() => {
  document.activeElement.blur();
  document.getElementById("outline").checked = true;
  for (const [id, value] of [["opacity", 60], ["colours", "inferno"], ["zoom", 1]]) {
    document.getElementById(id).value = value;
    document.getElementById(id).dispatchEvent(new Event("input"));
  }
  return nodelens.show(0);
}"""


@pytest.fixture(scope="module")
def report(tmp_path_factory, viewer):
    """The page of the scan."""
    path = tmp_path_factory.mktemp("report") / "out.html"
    write_report(path, study(), told())
    return path


@pytest.fixture(scope="module")
def loaded(report, watched):
    """The page in the browser."""
    watched.page.goto(report.as_uri())
    watched.page.wait_for_selector(READY)
    return watched


@pytest.fixture
def opened(loaded):
    """The page as it was when it had just been loaded."""
    loaded.page.evaluate(FRESH)
    return loaded


def drawn(watched):
    """What stands on the canvas, (rows, columns, RGB) from 0 to 1."""
    watched.page.wait_for_timeout(200)
    return matplotlib.image.imread(io.BytesIO(watched.page.locator("#canvas").screenshot()))[..., :3]


def warmth(picture):
    """How many pixels are of a warm colour: heat. The CT is grey, and the outline is blue and green."""
    return int((picture[..., 0] > picture[..., 2] + 0.1).sum())


def coldness(picture):
    """How many pixels are of the outline's cyan."""
    return int((picture[..., 2] > picture[..., 0] + 0.3).sum())


def test_the_viewer_draws_ct_heat_and_outline(opened):
    """The canvas has the greys of a CT, warm colours and cyan; a picture is kept for people."""
    picture = drawn(opened)
    opened.keep_picture("report")

    assert picture.mean(axis=-1).std() > 0.05
    assert warmth(picture) > 500
    assert coldness(picture) > 100
    assert [] == opened.complaints


def test_nothing_leaves_the_page(opened, report):
    """The browser asks for the file and for nothing else, whatever is done in it."""
    opened.press("n", "h", "h", "o", "p")
    opened.page.select_option("#colours", "viridis")
    opened.page.select_option("#window", "-500,1300")
    drawn(opened)
    opened.page.select_option("#window", "-160,240")

    assert [report.as_uri()] == [url for url in opened.asked if not url.startswith("data:")]
    assert [] == opened.complaints


def test_the_slider_takes_the_heat_away_and_brings_it_back(opened):
    """At 0 % only CT and outline are left; the key h does the same."""
    before = warmth(drawn(opened))
    opened.page.locator("#opacity").fill("0")
    without = warmth(drawn(opened))
    opened.page.locator("#opacity").fill("60")
    again = warmth(drawn(opened))
    opened.press("h")

    assert without < before / 20
    assert before == pytest.approx(again, rel=0.01)
    assert warmth(drawn(opened)) == without


def test_the_outline_can_be_taken_away(opened):
    """Without it there is no cyan but the crosshair's."""
    before = coldness(drawn(opened))
    opened.page.locator("#outline").uncheck()

    assert coldness(drawn(opened)) < before


def test_a_node_of_the_table_is_where_the_viewer_goes(opened):
    """Its button centres the crosshair on it, in LPS, and marks its row and its card."""
    opened.page.get_by_role("button", name="Node 2").click()
    x, y, _ = opened.page.evaluate("Array.from(nodelens.nv.frac2mm(nodelens.nv.scene.crosshairPos)).slice(0, 3)")

    assert (1.0, -38.0) == pytest.approx((x, y), abs=0.5)
    assert "Node 2" in opened.page.locator("#status").inner_text()
    assert opened.page.locator("#status").inner_text().endswith("(SYNTHETIC)")
    assert "Node 2" in opened.page.locator("tr.current").inner_text()
    assert 1 == opened.page.locator(".card.current").count()


def test_keys_go_through_the_nodes_in_the_order_of_the_table(opened):
    """The most probable node comes first; n and p go round."""
    names = [opened.page.locator("#status").inner_text().split(":")[0]]
    for _ in range(3):
        opened.press("n")
        names.append(opened.page.locator("#status").inner_text().split(":")[0])

    assert ["Node 1", "Node 2", "Node 3", "Node 1"] == names


def test_keys_move_the_crosshair_in_the_picture(opened):
    """An arrow moves it by a voxel to the side that it points to: the patient's left is on the right."""
    place = "Array.from(nodelens.nv.frac2mm(nodelens.nv.scene.crosshairPos)).slice(0, 3)"
    opened.page.locator("#canvas").focus()
    opened.press("ArrowLeft")  # To the middle of a voxel.
    before = opened.page.evaluate(place)
    opened.press("ArrowRight", "PageUp")
    x, y, z = np.subtract(opened.page.evaluate(place), before)

    assert (-0.75, 0.0, 1.5) == pytest.approx((x, y, z), abs=0.02)


def test_the_table_is_sorted_by_its_headings(opened):
    """The first press sorts from the top, the second from the bottom; unscored nodes come last from the top."""
    numbers = [cell.inner_text() for cell in opened.page.locator("tbody td:first-child").all()]
    opened.page.get_by_role("button", name="Probability").click()
    turned = [cell.inner_text() for cell in opened.page.locator("#nodes tbody td:first-child").all()]

    assert ["Node 1", "Node 2", "Node 3"] == numbers[:3]
    assert ["Node 3", "Node 2", "Node 1"] == turned


def test_everything_has_a_name_for_those_who_do_not_see_it(opened):
    """Pictures have alternative texts, the canvas says what it shows, and every control has a name."""
    assert "Node 1" in opened.page.locator("#canvas").get_attribute("aria-label")
    assert 0 == opened.page.locator("img:not([alt]), img[alt='']").count()
    controls = "[...document.querySelectorAll('button, input, select')]"
    nameless = f"{controls}.filter((e) => !(e.labels?.length || e.textContent.trim() || e.ariaLabel)).length"
    assert 0 == opened.page.evaluate(nameless)


class TestWithoutBrowser:
    def test_it_says_what_its_numbers_are_worth(self, tmp_path):
        """Research use, phantoms and missing gates stand above everything; a notice is told once."""
        notices = Notice("SYNTHETIC_MODEL", "it saw phantoms"), Notice("EMPTY_MASK", "the mask marks nothing")
        write_report(tmp_path / "out.html", study(notices=notices, nodes=()), told(gates=()))
        page = (tmp_path / "out.html").read_text()

        assert "SYNTHETIC: the model learnt" in page
        assert "Nodes (SYNTHETIC)" in page
        assert "Research use only. Not a diagnosis." in page
        assert "The mask marks nothing." in page
        assert "it saw phantoms" not in page.lower()

    def test_what_a_file_says_is_escaped(self, tmp_path):
        """A name cannot become a part of the page, nor end a script in it."""
        name = "</script><script>alert(1)</script>"
        write_report(tmp_path / "out.html", study(name), told())

        assert "alert(1)</script>" not in (tmp_path / "out.html").read_text()

    def test_without_npm_the_page_has_tables_and_pictures_and_says_so(self, tmp_path, monkeypatch):
        """What is lacking, and how to get it, stands in the place of the viewer."""
        monkeypatch.setattr(bundle, "NIIVUE", tmp_path / "none.js")
        write_report(tmp_path / "out.html", study(), told())
        page = (tmp_path / "out.html").read_text()

        assert "make setup" in page
        assert "<canvas" not in page
        assert 2 == page.count('<img src="data:image/png')

    def test_it_is_closed_to_the_network(self, tmp_path):
        """The policy allows nothing but what stands in the page, and no address stands in it."""
        write_report(tmp_path / "out.html", replace(study(), heat=None), told())
        page = (tmp_path / "out.html").read_text()

        assert re.search(r"Content-Security-Policy\" content=\"default-src &#39;none&#39;", page)
        assert "unsafe" not in re.search(r"<meta http-equiv.*>", page)[0]
        assert not re.search(r'(src|href)="(?!data:|#)', page)


def turned():
    """The scan on axes that stand askew in the patient, each node in its voxels."""
    (c, s), (volume, mask), plain = (np.cos(0.5), np.sin(0.5)), scan(), study()
    axes = ((0.0, -s, c), (0.0, c, s), (1.0, 0.0, 0.0))
    grid = Geometry(GRID.shape, GRID.spacing_mm, GRID.origin_mm, axes)
    nodes = find_nodes(NodeMask(mask.labels, grid), NodeSeparation.LABELS)
    places = {node.label: list(node.centroid_mm) for node in nodes}
    told_nodes = [node | {"centroid_lps_mm": places[node["label"]]} for node in plain.findings["nodes"]]
    findings = {**plain.findings, "nodes": told_nodes}
    return replace(plain, volume=Volume(volume.hu, grid), nodes=nodes, findings=findings, heat=None, looks={})


def test_the_viewer_goes_to_a_node_of_an_oblique_ct(watched, viewer, tmp_path):
    """The crosshair is in the node's voxels where the CT's axes are not the patient's."""
    path = tmp_path / "out.html"
    write_report(path, turned(), told())
    watched.page.goto(path.as_uri())
    watched.page.wait_for_selector(READY)
    marked = []
    for _ in range(2):
        marked.append(
            watched.page.evaluate("""() => {
              const [x, y, z] = nodelens.nv.frac2vox(nodelens.nv.scene.crosshairPos);
              const [, columns, rows] = nodelens.nv.volumes[0].dimsRAS;
              return nodelens.nv.drawBitmap[x + columns * (y + rows * z)];
            }""")
        )
        watched.press("n")

    assert [1, 2] == marked
    assert [] == watched.complaints
