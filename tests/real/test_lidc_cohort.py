"""Real lung nodules as a table of cases."""

from tests.real.lidc_cohort import write_cases
from training.cases import read_cohort


def test_every_nodule_is_a_case(real_data, tmp_path):
    """720 nodules of 394 patients, each the value 1 of its mask, real, and not copied."""
    cohort = read_cohort(write_cases(real_data / "lidc-voi", tmp_path))

    assert 720 == len(cohort.cases)
    assert 394 == len({case.patient for case in cohort.cases})
    assert {1} == {case.node for case in cohort.cases}
    assert not cohort.synthetic
    assert ["cases.csv"] == [path.name for path in tmp_path.iterdir()]
