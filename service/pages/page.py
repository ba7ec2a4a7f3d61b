"""Pages: one file each, readable offline, with pictures and scripts inside, and closed to the network."""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

import jinja2

HERE = Path(__file__).parent

POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data: blob:"
"""Of every page's Content-Security-Policy; styles and scripts run only where their digests are named."""


def rendered(template: str, scripts: Sequence[str] = (), own_server: bool = False, **context: object) -> str:
    """
    A filled template.

    Args:
        template: Name of a template of this package that extends ``base.html.j2``; what is put into it is escaped, and
            a name that it lacks is an error.
        scripts: What runs in the page, in this order.
        own_server: Whether the page may ask the server that it came from; nothing else is ever asked.
        context: What the template names.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    style = (HERE / "page.css").read_text(encoding="utf-8")
    policy = _policy(style, scripts, own_server)
    return environment.get_template(template).render(style=style, scripts=scripts, policy=policy, **context)


def _policy(style: str, scripts: Sequence[str], own_server: bool) -> str:
    parts = [POLICY, f"style-src {_digest(style)}", f"script-src {' '.join(map(_digest, scripts))}"]
    if own_server:
        parts.append("connect-src 'self'")
    return "; ".join(parts)


def _digest(text: str) -> str:
    """A text as the policy names it; browsers take the text between the tags, byte by byte."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"
