"""Charts of a cohort."""

import pytest

from service.pages.charts import histogram, reliability, roc_curve
from service.pages.results import read_results


@pytest.fixture
def roc(scored):
    """What labels tell of the cohort."""
    return read_results(scored).roc


def texts(figure):
    """All that is written in a chart."""
    [axes] = figure.axes
    legend = axes.get_legend()
    return [axes.get_title(), axes.get_xlabel(), axes.get_ylabel(), *(text.get_text() for text in legend.get_texts())]


def test_probabilities_are_counted_by_label():
    """Each group has its number, and a pattern of its own besides its colour."""
    figure = histogram({"metastatic": [0.9, 0.8], "benign": [0.1]}, 0.3)
    patches = figure.axes[0].patches

    assert {"metastatic (2)", "benign (1)", "operating point 0.30"} <= set(texts(figure))
    assert 3 == sum(patch.get_height() for patch in patches)
    assert 2 == len({patch.get_hatch() for patch in patches})


def test_the_roc_curve_has_its_area_with_interval_and_its_operating_point(roc):
    """It goes from corner to corner."""
    figure = roc_curve(roc)
    x, y = figure.axes[0].lines[0].get_data()

    assert (0.0, 0.0, 1.0, 1.0) == (x[0], y[0], x[-1], y[-1])
    assert f"AUC {roc['auc']['value']:.3f} (" in texts(figure)[0]


def test_calibration_is_shown_with_intervals(roc):
    """A share of few nodes is worth little, and looks so."""
    figure = reliability(roc["calibration"])

    assert "Brier score" in texts(figure)[0]
    assert "95 % intervals" in texts(figure)


def test_a_chart_that_is_cut_out_of_the_page_is_still_marked(roc):
    """In its title."""
    mark = " (SYNTHETIC)"
    charts = histogram({}, 0.3, mark), roc_curve(roc, mark), reliability(roc["calibration"], mark)

    assert [True] * 3 == [texts(chart)[0].endswith(mark) for chart in charts]
