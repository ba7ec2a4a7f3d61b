"""
The door of the desk: HTTP on this machine, for one browser.

It listens on the loopback address only. A random token in the path keeps out other users and pages that guess; the
Host header must name this machine, so that a name that was bent to 127.0.0.1 (DNS rebinding) opens nothing; what is
sent must come from our own page (Origin), as JSON. Nothing that it answers may be framed, kept or read by others.
"""

import hmac
import json
import secrets
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import urlsplit

from imaging.errors import ImagingError
from service.faults import InvalidRequest, ServiceFault

T = TypeVar("T")

LARGEST_BODY = 64 * 1024

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

Get = Callable[[str], tuple[str, str] | None]
"""From a path below the token to media type and content; None where there is nothing."""

Post = Callable[[Any], dict[str, Any]]
"""From what was sent to what is answered, both as plain values."""


class Door(ThreadingHTTPServer):
    """
    The HTTP server.

    Args:
        get: Answers what is asked.
        post: Takes what is sent to ``reviews``.
        port: To listen on; 0 is any that is free.
        token: The secret in the address; by default a random one.
    """

    daemon_threads = True

    def __init__(self, get: Get, post: Post, port: int = 0, token: str = "") -> None:
        super().__init__(("127.0.0.1", port), Visit)
        self.get, self.post = get, post
        self.token = token or secrets.token_urlsafe(24)

    @property
    def hosts(self) -> tuple[str, str]:
        """What this machine is called."""
        return f"127.0.0.1:{self.server_port}", f"localhost:{self.server_port}"

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{self.hosts[0]}/{self.token}/"


class Visit(BaseHTTPRequestHandler):
    """One request."""

    server: Door
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "NodeLens", ""
    timeout = 30

    def do_GET(self) -> None:
        """Answer a page, or images."""
        path = self._path()
        if path is None:
            self._refuse(HTTPStatus.NOT_FOUND, "nothing here")
        elif found := self._told(lambda: self.server.get(path)):
            self._answer(HTTPStatus.OK, *found)

    def do_POST(self) -> None:
        """Take a verdict."""
        if self._path() != "reviews":
            self._refuse(HTTPStatus.NOT_FOUND, "nothing here")
        elif not self._is_own_page():
            self._refuse(HTTPStatus.FORBIDDEN, "this came from another page")
        elif (length := self._length()) > LARGEST_BODY:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "this is too long")
        else:
            body = self.rfile.read(length)
            if answer := self._told(lambda: self.server.post(json.loads(body))):
                self._answer(HTTPStatus.OK, "application/json", json.dumps(answer))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- as in the base class
        """Say nothing: the address holds the token."""

    def _path(self) -> str | None:
        """The path below the token; None where the token, or the name of this machine, is wrong."""
        _, token, *rest = [*urlsplit(self.path).path.split("/", 2), "", ""]
        known = hmac.compare_digest(token.encode(), self.server.token.encode())
        return rest[0] if known and self.headers.get("Host") in self.server.hosts else None

    def _is_own_page(self) -> bool:
        origins = [f"http://{host}" for host in self.server.hosts]
        kind = self.headers.get_content_type()
        return self.headers.get("Origin") in origins and kind == "application/json"

    def _length(self) -> int:
        length = self.headers.get("Content-Length", "")
        return int(length) if length.isascii() and length.isdecimal() else LARGEST_BODY + 1

    def _told(self, work: Callable[[], T | None]) -> T | None:
        """What comes of work; None where there is nothing, and the browser has been told why."""
        try:
            found = work()
        except (InvalidRequest, ValueError, KeyError, TypeError, IndexError) as error:
            known = isinstance(error, (InvalidRequest, ImagingError))
            self._refuse(HTTPStatus.BAD_REQUEST, str(error) if known else "this is no verdict")
            return None
        except (ServiceFault, OSError) as error:
            self._refuse(HTTPStatus.BAD_GATEWAY, str(error))
            return None
        if found is None:
            self._refuse(HTTPStatus.NOT_FOUND, "nothing here")
        return found

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        # What was not read of the body must not be taken for the next request.
        self.close_connection = True
        self._answer(status, "application/json", json.dumps({"problem": why}))

    def _answer(self, status: HTTPStatus, kind: str, content: str) -> None:
        body = content.encode()
        self.send_response(status)
        for name, value in {**HEADERS, "Content-Type": f"{kind}; charset=utf-8", "Content-Length": len(body)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)
