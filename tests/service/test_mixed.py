"""Requests of every kind, one after the other."""

from tests.service.mixed import resident_growth
from tests.service.servers import running_server


def test_memory_stays(models, tmp_path):
    """What hundreds of answers, refusals and given-up calls leave behind is not piled up."""
    with running_server(models, tmp_path / "log.jsonl", "--threads", "1") as server:
        assert resident_growth(server, 600) < 0.05
