"""The command `nodelens-review`, from the keyboard of a reader to the ledger."""

import json
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from imaging.files import read_volume
from imaging.ledger import read_ledger
from service.pages.results import read_results
from service.pages.review.command import main

COMMAND = [sys.executable, "-c", "from service.pages.review.command import main; raise SystemExit(main())"]
READY = "body[data-ready=yes]"


@pytest.fixture(scope="module")
def folder(scored, tmp_path_factory):
    """Results of a batch, to be reviewed."""
    return shutil.copytree(scored, tmp_path_factory.mktemp("review") / "out")


@contextmanager
def reviewing(folder, *options):
    """A running command; the address of its page."""
    words = [*COMMAND, str(folder), "--reader", "r1", *options]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            first = process.stdout.readline().split()
            assert ["Review", "at"] == first[:2]
            yield first[2]
        finally:
            process.terminate()


def opened(watched, url):
    """The page, with its first open node shown."""
    watched.page.goto(url)
    watched.page.wait_for_selector(READY)
    return watched.page


def verdicts(page):
    """What the table says was answered, by row."""
    return [cell.inner_text() for cell in page.locator("td.said").all()]


def answer(page, key, done):
    """Press a key and wait until the page counts so many as done, and shows the next node."""
    page.keyboard.press(key)
    page.wait_for_selector(f"#count:text-is('{done} of 12')")
    page.wait_for_selector("body:not([data-busy])")


def test_ten_verdicts_by_keyboard_are_in_the_ledger(folder, watched, viewer):
    """One each; they survive a reload of the page and a restart of the command, and the work goes on from there."""
    with reviewing(folder) as url:
        page = opened(watched, url)
        for done, key in enumerate("aduadaduad", start=1):
            answer(page, key, done)
        told = verdicts(page)
        watched.keep_picture("review")
        assert told == verdicts(opened(watched, url))
    with reviewing(folder) as url:
        page = opened(watched, url)
        again, now_shown = verdicts(page), page.evaluate("nodelens.node")

    reviews = read_ledger(folder / "reviews.jsonl").reviews
    assert 10 == len(reviews) == len({review.entry_id for review in reviews})
    assert told == again == [*(review.verdict for review in reviews), "", ""]
    assert 10 == now_shown
    assert {"r1"} == {review.reader for review in reviews}
    assert [] == watched.complaints


def test_agreement_is_with_what_the_model_said(folder, scored):
    """Key a is the model's call, d the other one, u neither; of a node without call, a is benign and d metastatic."""
    lines = [json.loads(line) for line in (scored / "findings.jsonl").read_text().splitlines()]
    calls = [node["call"] for line in lines for node in line["findings"]["nodes"]][:10]
    other = {"benign": "metastatic", "metastatic": "benign", None: "metastatic"}
    expected = [
        {"a": call or "benign", "d": other[call], "u": "unsure"}[key]
        for key, call in zip("aduadaduad", calls, strict=True)
    ]

    assert expected == [review.verdict for review in read_ledger(folder / "reviews.jsonl").reviews]


def test_a_comment_goes_with_the_verdict_and_keys_in_it_are_letters(folder, watched, viewer):
    """Key c begins a comment; what is typed there answers nothing until it was left."""
    with reviewing(folder) as url:
        page = opened(watched, url)
        page.keyboard.press("c")
        page.keyboard.type("adu <b>")
        page.keyboard.press("Enter")
        answer(page, "u", 11)

    assert "adu <b>" == read_ledger(folder / "reviews.jsonl").reviews[-1].reason
    assert [] == watched.complaints


def test_nothing_leaves_the_machine(folder, watched, viewer):
    """The page asks its own server, and nobody else."""
    with reviewing(folder) as url:
        opened(watched, url)
        hosts = {asked.split("/")[2] for asked in watched.asked if not asked.startswith("data:")}

    assert all(host.startswith("127.0.0.1:") for host in hosts)


def test_whoever_goes_on_before_images_are_there_sees_one_case_at_a_time(scored, watched, viewer, tmp_path):
    """The last node that was asked for, in its own CT; nothing can be said about one that is not in the picture."""
    out = shutil.copytree(scored, tmp_path / "out")
    held = []
    with reviewing(out) as url:
        page = opened(watched, url)
        page.route("**/scene/*", lambda route: held.append(route))
        for key in "nnnnnnnnap":
            page.keyboard.press(key)
        for route in reversed(held):
            route.continue_()
        page.unroute("**/scene/*")
        page.wait_for_selector("#status:text('p2, Node 2: benign')")
        brightest = page.evaluate("Math.max(...nodelens.nv.volumes[0].img)")
        shown = page.evaluate("[nodelens.node, nodelens.nv.volumes.length]")

    assert [7, 2] == shown
    assert not (out / "reviews.jsonl").exists()
    assert brightest == read_volume(read_results(out).scored[2].case.image).hu.max()


def test_a_ct_that_is_gone_is_told(scored, watched, viewer, cohort, tmp_path):
    """The page says of which node there are no images; it cannot be answered, by key or by button, and n goes on."""
    text = (scored / "findings.jsonl").read_text().replace(str(cohort.parent), str(tmp_path / "gone"))
    moved = shutil.copytree(scored, tmp_path / "out")
    (moved / "findings.jsonl").write_text(text)
    with reviewing(moved) as url:
        page = opened(watched, url)
        page.wait_for_selector("#status:text('no such file')")
        for key in "adu":
            page.keyboard.press(key)
        assert page.locator("#status").inner_text().startswith("p0, Node 1: ")
        assert 3 == page.locator("[data-verdict]:disabled").count()
        assert "0 of 12" == page.locator("#count").inner_text()
        page.keyboard.press("n")
        page.wait_for_selector("#status:text('p0, Node 2: ')")
    assert not (moved / "reviews.jsonl").exists()

    watched.complaints.clear()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["{out}/none"], "holds no results of nodelens-score batch"),
        (["{out}", "--server", "127.0.0.1:1"], "no server answers at 127.0.0.1:1"),
        (["{out}", "--ledger", "{out}/summary.json"], "is no entry of a ledger"),
    ],
)
def test_what_cannot_be_reviewed_is_one_clear_line(scored, capsys, words, reason):
    """With exit code 2, before a page is served."""
    code = main([word.format(out=scored) for word in [*words, "--reader", "r1"]])
    printed = capsys.readouterr()

    assert (2, 1) == (code, printed.err.count("\n"))
    assert reason in printed.err


def test_a_reader_has_a_name(capsys):
    """A verdict of nobody is worth nothing."""
    with pytest.raises(SystemExit):
        main(["out", "--reader", " "])
    assert "argument --reader: must not be empty" in capsys.readouterr().err


def test_the_secret_of_the_address_is_not_among_the_words_of_the_browser(scored, tmp_path, monkeypatch):
    """Every user of the machine can read these; the page that leads to the review is its owner's alone."""
    out, words = shutil.copytree(scored, tmp_path / "out"), tmp_path / "words"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {words}\n(stat -c %a "${{1#file://}}" || echo none) >> {words}\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    with reviewing(out, "--open") as url:
        while not words.exists() or words.read_text().count("\n") < 2:
            time.sleep(0.05)
        address, mode = words.read_text().split()
        page = Path(address.removeprefix("file://"))
        led = page.read_text() if page.is_file() else ""

    assert url.split("/")[3] not in address
    assert "600" == mode
    assert url in led
