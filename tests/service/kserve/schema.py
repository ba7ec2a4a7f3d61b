"""The calls and fields of messages of the Open Inference Protocol, a line each, as a module of messages has them."""

import importlib
import sys
from collections.abc import Iterator
from typing import Any


def main(module: str) -> None:
    """Write them to stdout."""
    sys.stdout.write("\n".join(lines(importlib.import_module(module).DESCRIPTOR)))


def lines(file: Any) -> Iterator[str]:
    """Of a file's descriptor."""
    for call in file.services_by_name["GRPCInferenceService"].methods:
        yield f"{call.full_name}: {call.input_type.full_name} -> {call.output_type.full_name}"
    pending = list(file.message_types_by_name.values())
    while pending:
        message = pending.pop()
        pending += message.nested_types
        for field in message.fields:
            kind = field.message_type.full_name if field.message_type else field.type
            group = field.containing_oneof.name if field.containing_oneof else ""
            yield f"{field.full_name} = {field.number}: {kind} {'repeated' if field.is_repeated else ''} {group}"
