"""The scripts of pages: ours, and NiiVue, which npm builds into the package (``make setup``)."""

from pathlib import Path

HERE = Path(__file__).parent
NIIVUE = HERE / "viewer" / "niivue.min.js"

WITHOUT_VIEWER = (
    "The interactive viewer is not in this page, because NodeLens was set up without npm: "
    "run make setup on a machine that has it."
)


def niivue() -> str:
    """The viewer's script; empty where it was not built."""
    return inline(NIIVUE.read_text(encoding="utf-8")) if NIIVUE.is_file() else ""


def script(name: str) -> str:
    """One of our own scripts."""
    return inline((HERE / name).read_text(encoding="utf-8"))


def inline(text: str) -> str:
    r"""
    A script that can stand inside a page: it cannot end there early.

    >>> inline('write("</script>")')
    'write("<\\/script>")'
    """
    return text.replace("</script", "<\\/script")
