"""Strings that must not come out again, planted in all that can be sent."""

import itertools
import re
from collections.abc import Iterator
from typing import TypeVar

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

M = TypeVar("M", bound=Message)

CANARY = re.compile(r"canary[a-z]?\d*", re.IGNORECASE)
COUNT = itertools.count(1)


def fields(message: Message, within: str = "") -> Iterator[tuple[str, Message, FieldDescriptor]]:
    """Every field of text or bytes that a message and the messages in it have, by path."""
    for field in message.DESCRIPTOR.fields:
        path = f"{within}{field.name}"
        if field.type in (field.TYPE_STRING, field.TYPE_BYTES):
            yield path, message, field
        elif field.type == field.TYPE_MESSAGE and not field.is_repeated and message.HasField(field.name):
            yield from fields(getattr(message, field.name), f"{path}.")


def planted(valid: M) -> Iterator[tuple[str, str, M]]:
    """
    A valid message, with one field after the other replaced by a canary.

    The first canary of each field is what an id or a name may be; the second is a name of DICOM, which neither may be.

    Yields:
        The field's path, its canary, and the message.
    """
    for index, (path, _, field) in enumerate(fields(valid)):
        for form in ("CanaryA{}", "CanaryB{}^Carla"):
            copy = type(valid).FromString(valid.SerializeToString())
            text = form.format(next(COUNT))
            _, holder, _ = list(fields(copy))[index]
            if field.is_repeated:
                getattr(holder, field.name)[:] = [text]
            else:
                setattr(holder, field.name, text.encode() * 7 if field.type == field.TYPE_BYTES else text)
            yield path, CANARY.search(text)[0], copy


def canaries_in(text: str) -> set[str]:
    """All canaries in a text."""
    return set(CANARY.findall(text))
