"""The report on a cohort."""

import json
import re
import shutil
from dataclasses import replace

import pytest

from service.pages.cohort import write_cohort_report
from service.pages.results import InvalidResults, read_results


@pytest.fixture(scope="module")
def page(scored, tmp_path_factory):
    """The page of the cohort."""
    path = tmp_path_factory.mktemp("cohort") / "page.html"
    write_cohort_report(path, read_results(scored))
    return path


def test_it_has_numbers_charts_and_all_nodes(page):
    """AUC with its interval, distribution, ROC and calibration, and a row for each node."""
    text = page.read_text()

    assert "4: 4 scored, 0 failed, 0 not tried" in text
    assert re.search(r"95 % interval</dt><dd>\d\.\d{3} \(\d\.\d{3} to \d\.\d{3}\)", text)
    assert 3 == text.count("<figure><img")
    assert 12 == len(re.findall(r'<td class="text">p\d</td>', text))


def test_the_worst_misses_come_first(scored, tmp_path):
    """Where labels are turned round, the nodes that are called most surely are missed most."""
    out = shutil.copytree(scored, tmp_path / "out")
    lines = [json.loads(line) for line in (out / "findings.jsonl").read_text().splitlines()]
    for line in lines:
        line["labels"] = {"1": 0, "2": 1, "3": None}
    (out / "findings.jsonl").write_text("\n".join(map(json.dumps, lines)))
    write_cohort_report(tmp_path / "page.html", read_results(out))
    text = (tmp_path / "page.html").read_text()
    shown = re.search(r"Worst misses.*?<p>nodelens-review", text, re.DOTALL)[0]

    assert 8 == shown.count("<article") == shown.count("<img")
    for heading in re.findall(r"<h3>(.*?)</h3>", shown):
        error = "benign: false positive" if "metastatic, probability" in heading else "metastatic: false negative"
        assert heading.endswith(f"; the label says {error} (SYNTHETIC)")
    assert (4, 4) == tuple(text.count(f"<strong>({error})</strong>") for error in ("false negative", "false positive"))


def test_without_labels_the_most_probable_nodes_are_shown(scored, tmp_path):
    """And there is no curve of what is not known."""
    results = read_results(scored)
    unknown = tuple(replace(each, labels={}) for each in results.scored)
    write_cohort_report(tmp_path / "page.html", replace(results, scored=unknown, roc=None))
    text = (tmp_path / "page.html").read_text()

    assert "Highest probabilities" in text
    assert "Worst misses" not in text
    assert 1 == text.count("<figure><img")
    assert "AUC" not in text


def test_what_is_synthetic_says_so_beside_every_number(scored, tmp_path):
    """A table that is cut out of the page is still marked."""
    results = read_results(scored)
    write_cohort_report(tmp_path / "page.html", replace(results, summary={**results.summary, "synthetic_data": True}))
    text = (tmp_path / "page.html").read_text()

    assert "SYNTHETIC: the CTs are phantoms" in text
    assert "Nodes (SYNTHETIC)" in text
    assert "AUC (SYNTHETIC)" in text


def test_a_ct_that_is_gone_leaves_the_numbers(scored, tmp_path):
    """In place of its picture stands why there is none."""
    results = read_results(scored)
    gone = [replace(each, labels={1: 0}, case=replace(each.case, image=tmp_path / "gone")) for each in results.scored]
    write_cohort_report(tmp_path / "page.html", replace(results, scored=tuple(gone)))

    assert 4 == (tmp_path / "page.html").read_text().count("It cannot be shown: ")


def test_cases_that_were_not_scored_are_told_with_their_reason(scored, tmp_path):
    """The reader of numbers must know what is missing from them."""
    out = shutil.copytree(scored, tmp_path / "out")
    with (out / "cases.csv").open("a") as table:
        table.write("p9,p9.nii.gz,,,failed,UNREADABLE_IMAGE,no such file,,,,,,,\n")
    write_cohort_report(tmp_path / "page.html", read_results(out))

    assert "UNREADABLE_IMAGE</td>" in (tmp_path / "page.html").read_text()


def test_nothing_scored_is_nothing_to_report(scored, tmp_path):
    """An empty page would look like a result."""
    with pytest.raises(InvalidResults, match="nothing to report"):
        write_cohort_report(tmp_path / "page.html", replace(read_results(scored), scored=()))
    assert not (tmp_path / "page.html").exists()


def test_the_browser_shows_it_without_complaint(page, watched):
    """Nothing is asked for but the file; its table can be sorted; a picture is kept for people."""
    watched.page.goto(page.as_uri())
    first = watched.page.locator("#nodes tbody td").first.inner_text()
    watched.page.get_by_role("button", name="Case").last.click()
    watched.page.get_by_role("button", name="Case").last.click()
    watched.keep_picture("cohort")

    assert "p3" == first
    assert "p0" == watched.page.locator("#nodes tbody td").first.inner_text()
    assert [page.as_uri()] == [url for url in watched.asked if not url.startswith("data:")]
    assert [] == watched.complaints
