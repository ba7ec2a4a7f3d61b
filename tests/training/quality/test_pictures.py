from training.quality.pictures import THUMBNAIL_COUNT, histograms, in_turn, thumbnails, waterfall_picture
from training.quality.rule import Finding, Step


def test_thumbnails_show_what_fell(spoilt):
    """At most 40 cases, each once, each one that fell, and no rule takes the place of another."""
    shown = list(thumbnails(spoilt))

    rows = [each.finding.row for each in shown]
    assert 0 < len(rows) <= THUMBNAIL_COUNT
    assert len(rows) == len(set(rows))
    assert {*rows} <= {*spoilt.fallen}
    assert {"off-body", "at-edge", "no-rescale", "near-duplicate"} <= {each.finding.rule for each in shown}


def test_rules_take_turns():
    """The second case of a rule comes after the first of all others."""
    a, b, c = Finding(2, "at-edge", ""), Finding(3, "at-edge", ""), Finding(4, "off-body", "")

    assert [a, c, b] == in_turn([a, b, c])


def test_a_histogram_needs_cases(spoilt):
    """Five, where there are cases; none, where there are not."""
    assert 5 == len({picture.uri for picture in histograms(spoilt.examined)})
    assert [] == histograms([])


def test_the_waterfall_can_be_dry():
    """Where nothing falls, there is still a picture, and it is another one."""
    dry, wet = waterfall_picture(9, []), waterfall_picture(9, [Step("at-edge", 2, 7)])

    assert dry.alt == wet.alt
    assert dry.uri != wet.uri
