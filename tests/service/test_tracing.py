"""What becomes of a call, for a trace."""

import subprocess
import sys

from service.findings import Timings
from service.tracing import STAGES, Stage, tell_stages, tracer_for

TIMINGS = Timings(decode_s=1.0, preprocess_s=2.0, queue_s=0.5, inference_s=3.0, total_s=7.0)


def test_stages_follow_each_other():
    """Decoding, preprocessing, waiting and inference stand end to end; encoding follows the whole."""
    stages: list[Stage] = []
    token = STAGES.set(stages)
    try:
        tell_stages(-100.0, TIMINGS)
    finally:
        STAGES.reset(token)
    *computed, encoded = stages

    times = (-100.0, -99.0, -97.0, -96.5, -93.5)
    expected = list(zip(("decode", "preprocess", "queue", "inference"), times, times[1:], strict=False))
    assert expected == [(stage.name, stage.start_s, stage.end_s) for stage in computed]
    assert ("encode", -93.0) == (encoded.name, encoded.start_s)
    assert encoded.end_s > -93.0


def test_without_a_collector_nobody_is_told():
    """No tracer is made, and stages are told to nobody."""
    tell_stages(0.0, TIMINGS)

    assert STAGES.get() is None
    assert tracer_for({"OTEL_SERVICE_NAME": "nodelens", "OTEL_EXPORTER_OTLP_ENDPOINT": ""}) is None


def test_a_server_without_traces_imports_nothing_for_them():
    """Importing all that serves brings no OpenTelemetry with it."""
    code = "import sys, service.serve; print([name for name in sys.modules if name.startswith('opentelemetry')])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert "[]" == done.stdout.strip()


def test_a_missing_extra_is_logged(monkeypatch, caplog):
    """A collector that is named for a whole cluster does not stop a server without the extra."""
    monkeypatch.delitem(sys.modules, "service.spans", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)

    assert tracer_for({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4317"}) is None
    assert "the extra 'tracing' is not installed" in caplog.text
