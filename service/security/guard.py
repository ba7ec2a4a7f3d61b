"""Who may make which call."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import grpc
import grpc.aio

from service.faults import NotAuthenticated, NotPermitted, ServiceFault
from service.logs import CALLER
from service.security.rights import OPEN, scope_of
from service.security.tokens import TOKENS, Token, token_of, tokens_from
from service.security.watch import Watch
from service.status import status_of

SCHEME = "bearer "


class Guard(grpc.aio.ServerInterceptor):
    """
    Lets calls pass whose token is for them; stands within the observer, which tells and counts what is refused.

    Args:
        path: File of tokens, looked at for each call.

    Raises:
        UnusableCredentials: the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._watch = Watch("tokens", {TOKENS: path}, tokens_from)
        self._tokens = self._watch.read()

    async def intercept_service(
        self, continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]], details: grpc.HandlerCallDetails
    ) -> Any:
        """The handler of a call, or one that refuses it."""
        handler = await continuation(details)
        if handler is None or details.method in OPEN:
            return handler
        self._tokens = self._watch.changed() or self._tokens
        try:
            token = _permitted(details, self._tokens)
        except ServiceFault as fault:
            return _refusing(fault, handler.response_streaming)
        CALLER.set(token.name)
        return handler


def _permitted(details: grpc.HandlerCallDetails, tokens: Sequence[Token]) -> Token:
    """
    The token of a call that may be made.

    Raises:
        NotAuthenticated: it brings none, or an unknown one.
        NotPermitted: it is for something else.
    """
    brought = [str(value) for key, value in details.invocation_metadata or () if key == "authorization"]
    if len(brought) != 1 or not brought[0].lower().startswith(SCHEME):
        raise NotAuthenticated("the call brings no token; this server wants 'authorization: Bearer TOKEN' as metadata")
    token = token_of(brought[0][len(SCHEME) :].strip(), tokens)
    if token is None:
        raise NotAuthenticated("the token of the call is not known to this server, or no longer")
    scope = scope_of(details.method)
    if scope is not None and scope not in token.scopes:
        raise NotPermitted(f"the token of the call is not for this; it has no scope {scope.value!r}")
    return token


def _refusing(fault: ServiceFault, response_streaming: bool) -> "grpc.RpcMethodHandler[Any, Any]":
    """A handler that refuses; it takes a stream, whatever the call is, so that nothing of it is read before."""

    async def refuse(requests: Any, context: Any) -> Any:
        raise fault

    async def abort(requests: Any, context: Any) -> Any:
        status = status_of(fault)
        await context.abort(status.code, status.details, status.trailing_metadata)

    if response_streaming:
        return grpc.stream_stream_rpc_method_handler(abort)
    return grpc.stream_unary_rpc_method_handler(refuse)
