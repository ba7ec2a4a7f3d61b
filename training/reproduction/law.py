"""What wrong test labels do to an AUC."""


def observed_auc(true_auc: float, noise: float) -> float:
    """
    The AUC that is measured where labels of both classes are wrong as often, whatever the scores are.

    A pair of a node called metastatic and one called benign is one the right way round, one the wrong way round, or
    two of one class. With classes of equal size the difference to one half shrinks by 1 - 2 * noise (Menon et al.
    2015, ICML, PMLR 37:125).

    >>> round(observed_auc(0.9, 0.25), 3)
    0.7

    Args:
        true_auc: On the true labels.
        noise: Share of wrong labels.
    """
    return 0.5 + (1 - 2 * noise) * (true_auc - 0.5)
