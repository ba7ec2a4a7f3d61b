"""A browser for pages."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from service.pages.bundle import NIIVUE
from tests.conftest import ROOT
from tests.service.pages.cohorts import score_cohort, write_cohort

SOFTWARE_GL = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
"""WebGL 2 without a GPU."""

PICTURES = ROOT / "build" / "pictures"
"""Of pages, for people to look at."""


@dataclass
class Watched:
    """A page in the browser, with all that it asked for and complained about."""

    page: Any
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def keep_picture(self, name: str) -> None:
        """Keep a picture of the whole page."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png", full_page=True)

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)


@pytest.fixture(scope="session")
def viewer() -> Path:
    """NiiVue; the test is skipped where it was not built."""
    if not NIIVUE.is_file():
        pytest.skip("needs the viewer: make setup with npm")
    return NIIVUE


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """
    Headless Chromium; the test is skipped where there is none.

    It lives for one module: while it does, no other event loop can run in this thread.
    """
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs Chromium: make test-deps")
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=SOFTWARE_GL)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def watched(browser) -> Iterator[Watched]:
    """A page of the browser, empty at first, that the tests of a module share."""
    context = browser.new_context(viewport={"width": 1000, "height": 700})
    page = Watched(context.new_page())
    page.page.on("request", lambda request: page.asked.append(request.url))
    page.page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.page.on("console", lambda line: page.complaints.append(line.text))
    yield page
    context.close()


@pytest.fixture(scope="session")
def cohort(tmp_path_factory) -> Path:
    """A table of four CTs with three nodes each."""
    return write_cohort(tmp_path_factory.mktemp("cohort"))


@pytest.fixture(scope="session")
def scored(models, cohort, tmp_path_factory) -> Path:
    """The results of a batch; tests that write there take a copy."""
    return score_cohort(models, cohort, tmp_path_factory.mktemp("scored") / "out")
