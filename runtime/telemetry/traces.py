"""Spans as OpenTelemetry traces, in OTLP JSON: what collectors and viewers read.

Times are simulated nanoseconds since the start of the run, marked by the resource attribute
`time.domain` = "sim".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bellwire.errors import RunError
from bellwire.runtime.telemetry.spans import Span

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import Tracer


def need_opentelemetry() -> None:
    """Raise RunError, with the command that helps, when opentelemetry-sdk is not installed."""
    try:
        import opentelemetry.sdk.trace  # noqa: F401
    except ImportError:
        raise RunError(
            "traces need opentelemetry-sdk, which is not installed; "
            "run: pip install 'bellwire[traces]'"
        ) from None


def otlp_json(spans: Iterable[Span], *, seed: int = 0) -> str:
    """All spans, each outermost one a trace of its own, as one OTLP JSON object.

    The seed names the traces: same spans and seed, same bytes.
    """
    need_opentelemetry()
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
    from opentelemetry.sdk.trace.sampling import ALWAYS_ON

    resource = Resource({"service.name": "bellwire", "time.domain": "sim"})
    provider = TracerProvider(
        sampler=ALWAYS_ON,
        resource=resource,
        id_generator=_ids(seed),
        shutdown_on_exit=False,
    )
    done = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(done))
    tracer = provider.get_tracer("bellwire")
    for span in spans:
        _record(tracer, span, None)
    found = [_span(span) for span in done.get_finished_spans()]
    scope = {"scope": {"name": "bellwire"}, "spans": found}
    whole = {"resource": {"attributes": _attributes(resource.attributes)}, "scopeSpans": [scope]}
    return json.dumps({"resourceSpans": [whole]}, indent=1) + "\n"


def _ids(seed: int) -> Any:
    import numpy as np
    from opentelemetry.sdk.trace.id_generator import IdGenerator

    random = np.random.default_rng(seed)

    class Ids(IdGenerator):
        def generate_span_id(self) -> int:
            return int.from_bytes(random.bytes(8), "big") | 1  # 0 is no id

        def generate_trace_id(self) -> int:
            return int.from_bytes(random.bytes(16), "big") | 1

    return Ids()


def _record(tracer: Tracer, span: Span, parent: Any) -> None:
    from opentelemetry.trace import Status, StatusCode, set_span_in_context

    # An empty context, not the one around us: traces of the caller are no parents of ours.
    context = set_span_in_context(parent) if parent is not None else _no_context()
    made = tracer.start_span(
        span.name, context=context, attributes=dict(span.attributes), start_time=span.start_ns
    )
    if span.failed:
        made.set_status(Status(StatusCode.ERROR, span.failed))
    for part in span.parts:
        _record(tracer, part, made)
    made.end(end_time=span.end_ns)


def _no_context() -> Any:
    from opentelemetry.context import Context

    return Context()


def _span(span: ReadableSpan) -> dict[str, Any]:
    """A span as the OTLP JSON encoding writes it: ids in hex, times as strings."""
    assert span.context is not None
    out: dict[str, Any] = {
        "traceId": f"{span.context.trace_id:032x}",
        "spanId": f"{span.context.span_id:016x}",
        "name": span.name,
        "kind": 1,  # internal
        "startTimeUnixNano": str(span.start_time),
        "endTimeUnixNano": str(span.end_time),
        "attributes": _attributes(span.attributes or {}),
    }
    if span.parent is not None:
        out["parentSpanId"] = f"{span.parent.span_id:016x}"
    if not span.status.is_ok and span.status.description:
        out["status"] = {"code": 2, "message": span.status.description}
    return out


def _attributes(attributes: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in attributes.items()]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": str(value)}
