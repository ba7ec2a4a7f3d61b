import logging
from dataclasses import replace

import pytest

from imaging.errors import InvalidLedger
from imaging.ledger import append, read_ledger
from imaging.review import ReviewedNode, Verdict
from tests.imaging.reviews import review
from tests.training.cohorts import read_table, write_cohort, write_table
from training.cases import read_cohort
from training.labels.relabelled import labelled_cohort, ledger_at, node_of, relabelled, reviewed_places


@pytest.fixture(scope="module")
def cohort(cohort_csv):
    """Twelve patients with one node each."""
    return read_cohort(cohort_csv)


@pytest.fixture
def ledger(cohort, tmp_path):
    """Three reviews: nodes 0 and 1 are called the opposite, and node 1 is called back by a second reader."""
    first, second = (node_of(cohort, cohort.cases[n]) for n in (0, 1))
    path = tmp_path / "ledger.jsonl"
    append(
        path,
        [
            review("1", Verdict.METASTATIC, node=first, old_label=0),
            review("2", Verdict.BENIGN, node=second, old_label=1),
            review("3", Verdict.METASTATIC, node=second, old_label=1, reader="Curie"),
        ],
    )
    return path


def labels_of(cohort):
    """The labels of all cases."""
    return [case.label for case in cohort.cases]


@pytest.mark.parametrize(("revision", "changed", "still_open"), [(0, [], 0), (1, [0], 0), (2, [0, 1], 0), (3, [0], 1)])
def test_a_revision_has_its_labels(cohort, ledger, revision, changed, still_open):
    """The cohort has the labels of the first entries; a tie keeps the table's label and is reported as open."""
    result = relabelled(cohort, read_ledger(ledger).at(revision))

    assert changed == [n for n, case in enumerate(cohort.cases) if case.label != result.cohort.cases[n].label]
    assert (len(changed), still_open, 0) == (result.changed_count, result.open_count, result.stranger_count)


def test_other_labels_are_another_cohort(cohort, ledger):
    """The digest changes with a label, and with nothing else."""
    digests = [relabelled(cohort, read_ledger(ledger).at(revision)).cohort.digest for revision in range(4)]

    assert cohort.digest == digests[0]
    assert digests[1] == digests[3]
    assert 3 == len(set(digests))


def test_a_relabelled_cohort_is_the_cohort_of_the_corrected_table(cohort, ledger, tmp_path):
    """Whoever corrects the table by hand gets the same digest."""
    table = write_cohort(tmp_path / "again")
    rows = read_table(table)
    rows[0]["label"] = "1"
    corrected = read_cohort(write_table(table.parent, rows))

    assert corrected.digest == relabelled(cohort, read_ledger(ledger).at(1)).cohort.digest


def test_a_node_is_found_wherever_its_files_lie(cohort, ledger, tmp_path):
    """The same files in another folder, under other names, have the same labels."""
    table = write_cohort(tmp_path / "moved")
    (table.parent / "ct-0.nii.gz").rename(table.parent / "renamed.nii.gz")
    rows = read_table(table)
    rows[0]["image"] = "renamed.nii.gz"
    write_table(table.parent, rows)

    assert labels_of(relabelled(cohort, read_ledger(ledger)).cohort) == labels_of(labelled_cohort(table, str(ledger)))


def test_reviews_of_other_nodes_are_counted(cohort, ledger, caplog):
    """Reviews of the service without digests, and of other tables, change nothing, and are said to."""
    append(ledger, [review("4"), review("5", node=ReviewedNode(1, model="cnn", model_version=1))])

    with caplog.at_level(logging.WARNING):
        found = labelled_cohort(cohort.table, str(ledger))

    assert "2 of 5 reviews are of no node of this table" in caplog.text
    assert relabelled(cohort, read_ledger(ledger).at(3)).cohort.cases == found.cases


def test_a_cohort_says_where_its_labels_are_from(cohort, ledger):
    """Path, revision and head are kept, so that the labels can be had again."""
    whole = read_ledger(ledger)
    found = labelled_cohort(cohort.table, f"{ledger}@2")

    assert (f"{ledger}@2", whole.digests[1]) == (found.labels, found.labels_digest)
    assert f"{ledger}@3" == labelled_cohort(cohort.table, str(ledger)).labels
    assert found == labelled_cohort(cohort.table, found.labels)
    assert cohort == labelled_cohort(cohort.table, None)


def test_a_ledger_that_grows_is_read_again_as_it_was(cohort, ledger):
    """The cohort names the revision that its labels are of, even where none was asked for."""
    labelled = labelled_cohort(cohort.table, str(ledger))
    append(ledger, [review("4", Verdict.BENIGN, node=node_of(cohort, cohort.cases[2]))])

    _, again = ledger_at(labelled.labels)

    assert (3, labelled.labels_digest) == (again.revision, again.head)
    assert reviewed_places(cohort, again) < reviewed_places(cohort, read_ledger(ledger))


def test_a_path_may_have_an_at(ledger):
    """Only digits after the last @ are a revision."""
    other = ledger.with_name("labels@home.jsonl")
    ledger.rename(other)

    assert (other, 3) == (ledger_at(str(other))[0], ledger_at(str(other))[1].revision)
    assert 1 == ledger_at(f"{other}@1")[1].revision


def test_a_revision_that_is_not_there_is_refused(cohort, ledger):
    """A ledger that lost entries is not trained on as if it had them."""
    with pytest.raises(InvalidLedger, match="has 3 entries; there is no revision 4"):
        labelled_cohort(cohort.table, f"{ledger}@4")


def test_each_case_needs_a_label(cohort):
    """Labels and cases go in pairs."""
    with pytest.raises(ValueError, match="shorter"):
        replace(cohort).with_labels([1])


@pytest.mark.parametrize(("revision", "places"), [(0, set()), (1, {0}), (2, {0, 1}), (3, {0})])
def test_a_node_is_reviewed_once_its_readers_decide(cohort, ledger, revision, places):
    """A tie is no review yet."""
    assert places == reviewed_places(cohort, read_ledger(ledger).at(revision))
