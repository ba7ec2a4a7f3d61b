"""What Prometheus may ask."""

from google.protobuf.descriptor import ServiceDescriptor
from grpc import StatusCode
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from imaging.review import Verdict
from imaging.volume import Volume
from service.admission.metrics import AdmissionMetrics
from service.drift import Drift
from service.findings import Classification
from service.models.metrics import ModelMetrics
from service.opinion import Opinion

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
SHARES = tuple(n / 20 for n in range(1, 21))
LIFTS = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0)
SPACINGS_MM = (0.4, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.5, 10.0)
SLICES = (1, 2, 4, 8, 16, 32)
AGREES = {True: "yes", False: "no", None: "none"}
RPC = ("grpc_type", "grpc_service", "grpc_method")


class Metrics:
    """All metrics of one server, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.started = Counter("grpc_server_started_total", "Calls begun.", RPC, registry=registry)
        self.handled = Counter(
            "grpc_server_handled_total", "Calls ended, by code.", (*RPC, "grpc_code"), registry=registry
        )
        self.handling = Histogram(
            "grpc_server_handling_seconds", "Duration of calls.", RPC, buckets=SECONDS, registry=registry
        )
        self.stage = Histogram(
            "nodelens_stage_seconds", "Duration of a request's stages.", ("stage",), buckets=SECONDS, registry=registry
        )
        self.nodes = Counter("nodelens_nodes_total", "Nodes answered.", ("model", "status", "call"), registry=registry)
        self.probability = Histogram(
            "nodelens_probability", "Probabilities of nodes.", ("model",), buckets=SHARES, registry=registry
        )
        self.lift = Histogram(
            "nodelens_heatmap_lift", "Heat inside nodes over chance.", ("model",), buckets=LIFTS, registry=registry
        )
        self.batch = Histogram(
            "nodelens_batch_size", "Slices of one run of a network.", buckets=SLICES, registry=registry
        )
        self.nodes_cancelled = Counter(
            "nodelens_nodes_cancelled_total",
            "Nodes whose work was spared since their call had ended.",
            registry=registry,
        )
        self.fallback = Gauge(
            "nodelens_device_fallback",
            "1 where --device auto found no usable GPU, so that the CPU computes.",
            registry=registry,
        )
        self.waiting = Gauge("nodelens_queue_depth", "Requests that wait for their turn.", registry=registry)
        self.in_flight = Gauge("nodelens_in_flight_bytes", "Bytes that all requests hold.", registry=registry)
        self.spacing = Histogram(
            "nodelens_input_spacing_mm", "Voxel spacing of CTs.", ("axis",), buckets=SPACINGS_MM, registry=registry
        )
        self.certificate_expiry = Gauge(
            "nodelens_certificate_expiry_timestamp_seconds", "End of certificates in use.", ("file",), registry=registry
        )
        self.admission = AdmissionMetrics(registry)
        self.drift = Drift(registry)
        self.models = ModelMetrics(registry, self.drift)
        self.reviews = Counter("nodelens_reviews_total", "Reviews stored.", ("verdict", "agrees"), registry=registry)

    def begin(self, service: ServiceDescriptor) -> None:
        """
        Let what may be counted begin at 0: a counter that appears with its first count has not grown, for Prometheus.

        Args:
            service: Whose calls will come.
        """
        for method in service.methods:
            kind = "client_stream" if method.client_streaming else "unary"
            labels = (kind, service.full_name, method.name)
            self.started.labels(*labels)
            self.handling.labels(*labels)
            for code in StatusCode:
                self.handled.labels(*labels, code.name)
        for verdict in Verdict:
            for agrees in AGREES.values():
                self.reviews.labels(verdict.value, agrees)

    def observe_review(self, opinion: Opinion) -> None:
        """Count one stored review; whether it agrees is ``none`` where reader or model says nothing."""
        self.reviews.labels(opinion.verdict.value, AGREES[opinion.agrees]).inc()

    def observe(self, volume: Volume, found: Classification) -> None:
        """Count one answered request."""
        name = found.model.name
        for axis, spacing_mm in zip("zyx", volume.geometry.spacing_mm, strict=True):
            self.spacing.labels(axis).observe(spacing_mm)
        for stage, seconds in (
            ("decode", found.timings.decode_s),
            ("preprocess", found.timings.preprocess_s),
            ("inference", found.timings.inference_s),
        ):
            self.stage.labels(stage).observe(seconds)
        for node in found.nodes:
            call = node.score.call.value if node.score else "none"
            self.nodes.labels(name, node.status.value.replace(" ", "_"), call).inc()
            if node.score:
                self.probability.labels(name).observe(node.score.probability)
                self.lift.labels(name).observe(node.score.heat_share.lift)
        self.drift.observe(found.model, volume.geometry, found.nodes)
