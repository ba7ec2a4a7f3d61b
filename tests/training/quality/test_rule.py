from training.quality.rule import RULES, Finding, Rule, Step, first_drops, waterfall

FIRST, WARNING, LAST = Rule("first", "A."), Rule("warning", "B.", drops=False), Rule("last", "C.")


def test_names_of_rules_are_distinct():
    """A name means one thing."""
    assert len(RULES) == len({rule.name for rule in RULES})


def test_a_case_falls_once():
    """It falls at the first rule that drops it, in the order of the rules, whatever that of the findings."""
    findings = [Finding(2, "last", "x"), Finding(2, "first", "y"), Finding(3, "warning", "z"), Finding(4, "last", "x")]
    rules = (FIRST, WARNING, LAST)

    assert {2: findings[1], 4: findings[3]} == first_drops(findings, rules)
    assert (Step("first", 1, 9), Step("last", 1, 8)) == waterfall(10, findings, rules)


def test_without_findings_nothing_falls():
    """A sound table has no steps."""
    assert () == waterfall(10, [], RULES)
