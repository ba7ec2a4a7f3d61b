"""What happens around every call: counted, timed, logged, and its faults turned into statuses."""

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import grpc.aio

from service.faults import ServiceFault
from service.logs import REQUEST_ID
from service.metrics import Metrics
from service.parsing import answering_readable, lenient, readable
from service.status import CODES, status_of
from service.tracing import STAGES, Call, Tracer

DEADLINE_SHARE = 0.02
"""
How much of its time a call may have left and still have run out of it.

The client's clock ends a call, the server's began later, and gRPC rounds the time it sends, by up to 1 %.
"""

DEADLINE_S = 0.05
"""Likewise in seconds: whichever is more."""

log = logging.getLogger(__name__)


class Observer(grpc.aio.ServerInterceptor):
    """Wraps the calls that have one answer; where answers stream (health's Watch, reflection) only the request."""

    def __init__(self, metrics: Metrics, tracer: Tracer | None = None) -> None:
        self._metrics = metrics
        self._tracer = tracer

    async def intercept_service(
        self, continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]], details: grpc.HandlerCallDetails
    ) -> Any:
        """The handler of a call, wrapped."""
        handler = await continuation(details)
        if handler is None:
            return None
        if handler.response_streaming:
            return answering_readable(handler)
        kind = "client_stream" if handler.request_streaming else "unary"
        _, service, method = details.method.split("/")
        make = (
            grpc.stream_unary_rpc_method_handler if handler.request_streaming else grpc.unary_unary_rpc_method_handler
        )
        behaviour = handler.stream_unary if handler.request_streaming else handler.unary_unary

        async def observed(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
            return await self._observed(behaviour, request, context, (kind, service, method))

        return make(observed, lenient(handler.request_deserializer), handler.response_serializer)

    async def _observed(
        self,
        behaviour: Callable[..., Awaitable[Any]],
        request: Any,
        context: grpc.aio.ServicerContext[Any, Any],
        labels: tuple[str, str, str],
    ) -> Any:
        self._metrics.started.labels(*labels).inc()
        REQUEST_ID.set(uuid.uuid4().hex)
        STAGES.set([] if self._tracer else None)
        start = time.perf_counter()
        code, facts, told = grpc.StatusCode.UNKNOWN, {}, ""
        trailing: tuple[tuple[str, str | bytes], ...] = ()
        try:
            answer = await behaviour(readable(request), context)
            code, facts = grpc.StatusCode.OK, _facts(answer)
            return answer
        except ServiceFault as fault:
            status = status_of(fault)
            code, told, trailing = status.code, status.details, status.trailing_metadata
            facts = {"reason": str(getattr(fault, "reason", CODES[type(fault)][1]))}
            self._metrics.admission.refused.labels(facts["reason"]).inc()
        except asyncio.CancelledError:
            code = _ending(context.time_remaining(), time.perf_counter() - start)
            raise
        except grpc.aio.AbortError:
            code = context.code() or grpc.StatusCode.UNKNOWN
            raise
        except Exception:
            code, told = grpc.StatusCode.INTERNAL, "the server failed; its log tells why"
            log.exception("bug", extra={"method": labels[-1]})
        finally:
            seconds = time.perf_counter() - start
            self._metrics.handled.labels(*labels, code.name).inc()
            self._metrics.handling.labels(*labels).observe(seconds)
            facts |= {"method": labels[-1], "code": code.name}
            log.info("call", extra={**facts, "seconds": round(seconds, 4)})
            if self._tracer:
                self._tracer.tell(_call(context, labels, code, start))
        # Only now: whoever has been refused may look at the metrics, and must find it counted.
        await context.abort(code, told, trailing)


def _call(
    context: grpc.aio.ServicerContext[Any, Any], labels: tuple[str, str, str], code: grpc.StatusCode, start_s: float
) -> Call:
    """What a trace may tell of a call that has just ended."""
    parents = [str(value) for key, value in context.invocation_metadata() or () if key == "traceparent"]
    stages = tuple(STAGES.get() or ())
    return Call(*labels[1:], code, REQUEST_ID.get(), "".join(parents[:1]), start_s, time.perf_counter(), stages)


def _ending(remaining_s: float | None, passed_s: float) -> grpc.StatusCode:
    """Why a call was cancelled: its time had run out, or the caller went away."""
    if remaining_s is not None and remaining_s <= max(DEADLINE_S, DEADLINE_SHARE * (remaining_s + passed_s)):
        return grpc.StatusCode.DEADLINE_EXCEEDED
    return grpc.StatusCode.CANCELLED


def _facts(answer: Any) -> dict[str, Any]:
    """What the log may tell of an answer."""
    if "classification" not in answer.DESCRIPTOR.fields_by_name:
        return {}
    found = answer.classification
    return {"model": found.model.name, "version": found.model.version, "nodes": len(found.nodes)}
