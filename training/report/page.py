"""Static pages: one file each, readable offline, with all pictures inside."""

from pathlib import Path

import jinja2

from imaging.atomic import write_text

BASE = Path(__file__).parent
"""Holds ``base.html.j2``, which every template extends: its blocks are ``title`` and ``content``."""


def write_page(path: Path, template: Path, synthetic: bool, **context: object) -> None:
    """
    Fill a template, which stands beside the module that fills it, and write the page.

    Args:
        path: Where to write; an existing page is replaced.
        template: A Jinja template that extends ``base.html.j2``; text in it is escaped, a name it lacks is an error.
        synthetic: Whether what the page shows was measured on phantoms; it then says so at its top.
        context: What the template names.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([template.parent, BASE]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    write_text(path, environment.get_template(template.name).render(synthetic=synthetic, **context))
