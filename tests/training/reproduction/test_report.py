import json

import pytest

from training.reproduction.report import cure_text, draws_text, share_text, table3_text, write_reproduction


@pytest.fixture(scope="module")
def written(finished, tmp_path_factory):
    """Folder of the report."""
    folder = tmp_path_factory.mktemp("report")
    write_reproduction(folder, finished.found)
    return folder


def test_table_3_stands_beside_ours(finished):
    """The paper's numbers, ours on both kinds of labels, what the law predicts, and what was done otherwise."""
    [row] = finished.found.rows

    text = table3_text(finished.found.rows)

    assert (
        f"| CNN with augmentation | 0.99 | {row.training_accuracy:.2f} | 0.63 | {row.given_auc} | {row.true_auc} "
        f"| {row.predicted_auc:.2f} | {row.slice_count} "
        "| 2 epochs instead of 30; 16 px of input instead of 224; a learning rate of 0.0003, chosen here |"
    ) in text


def test_the_cure_has_a_row_for_each_model(finished):
    """With both arms and the share of what was taken that each gives back."""
    text = cure_text(finished.found.recoveries)

    for each in finished.found.recoveries:
        assert f"| {each.model} | {each.reviewed_count} (25.0%) | {each.guided} | {each.random} " in text
    assert len(finished.found.recoveries) == text.count("(25.0%)")


def test_the_page_says_synthetic_and_all_that_was_found(finished, written):
    """Words, tables and a curve for each model are in one file."""
    page = (written / "paper.html").read_text()

    assert "SYNTHETIC" in page
    models = [{each.model for each in points} for points in (finished.found.recoveries, finished.found.draws)]
    assert sum(map(len, models)) == page.count("data:image/png;base64,")
    assert all(f"<li>{words}</li>" in page for words in finished.found.settings.deviations())
    assert all(f"<li>{sentence}</li>" in page for sentence in finished.found.words())


def test_the_numbers_are_in_a_file(finished, written):
    """Settings, table, residual noise of each arm and the recovery, for other programs."""
    found = json.loads((written / "paper.json").read_text())

    assert found["synthetic"]
    assert finished.found.wrong_share == found["wrong_share"]
    assert [None, "guided", "random"] == [point["arm"] for point in found["points"]]
    assert [point.wrong_share for point in finished.found.course.reviews] == [
        point["wrong_share"] for point in found["points"][1:]
    ]
    assert [each.recovered for each in finished.found.recoveries] == [each["recovered"] for each in found["cure"]]
    assert finished.found.words() == found["summary"]


def test_many_draws_have_a_row_for_each_model(finished):
    """With the number of draws, both arms and their paired difference."""
    text = draws_text(finished.found.draws)

    for each in finished.found.draws:
        assert f"| {each.model}, 2 draws | 25.0% | {each.guided} | {each.random} | {each.above_random} " in text


def test_a_share_that_is_not_known_is_a_dash():
    """Nothing is made up."""
    assert ("–", "62%") == (share_text(None), share_text(0.6234))
