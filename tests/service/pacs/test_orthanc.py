"""The client of Orthanc, with a real one."""

import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from service.dicom.objects import file_of
from service.faults import CannotStart
from service.pacs.faults import ArchiveAway, NotToBeScored, StudyFailed
from service.pacs.orthanc import Orthanc, OrthancAddress
from tests.service.pacs.orthancs import USER
from tests.service.pacs.phantoms import ct_slices, segmentation, uid

SLICES = ct_slices(1)[:3]


@pytest.fixture(scope="module")
def study(shared_orthanc):
    """A study with a CT of three slices and a segmentation."""
    return shared_orthanc.upload(*map(file_of, (*SLICES, segmentation(ct_slices(1)))))


@pytest.fixture
def archive(shared_orthanc, study):
    """A bridge's connection."""
    with closing(shared_orthanc.archive()) as opened:
        yield opened


class Answer(BaseHTTPRequestHandler):
    """Answers everything alike."""

    status, body = 200, b"hello"

    def do_GET(self):
        """Answer."""
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *words):
        """Say nothing."""


def other_server(**changes):
    """A web server that is no Orthanc."""
    return HTTPServer(("127.0.0.1", 0), type("Other", (Answer,), changes))


def asked(server, ask):
    """Ask a server that answers as long as this takes."""
    with ThreadPoolExecutor(1) as pool, server:
        pool.submit(server.serve_forever, 0.01)
        try:
            with closing(Orthanc(OrthancAddress(f"http://127.0.0.1:{server.server_port}"))) as archive:
                return ask(archive)
        finally:
            server.shutdown()


class TestNews:
    def test_a_study_that_came_is_news_until_it_was_read(self, archive, study):
        """All of it is one study; nothing new is no news."""
        news = archive.news(0)

        assert {study} == set(news.studies)
        assert not news.more
        assert {} == archive.news(news.position).studies

    def test_news_come_in_pages(self, shared_orthanc, archive, monkeypatch):
        """Whoever reads on comes to the end."""
        monkeypatch.setattr("service.pacs.orthanc.CHANGES", 2)
        news = archive.news(0)

        assert news.more
        while news.more:
            news = archive.news(news.position)
        assert shared_orthanc.get("/changes?last")["Last"] <= news.position

    def test_an_orthanc_that_was_set_up_anew_is_read_from_its_start(self, archive):
        """Its changes end before the position."""
        news = archive.news(10**6)

        assert (0, True) == (news.position, news.more)

    def test_a_bridge_begins_with_what_comes(self, shared_orthanc, archive):
        """Or with the whole archive, if it is told to."""
        with closing(shared_orthanc.archive(whole_archive=False)) as opened:
            assert 0 < opened.start()
        assert 0 == archive.start()


class TestStudies:
    def test_a_study_is_seen_with_its_series(self, shared_orthanc, archive, study):
        """Modalities, UIDs and instances."""
        shared_orthanc.wait_until_stable(study)
        view = archive.study(study)

        assert view.quiet
        assert {"CT": 3, "SEG": 1} == {series.modality: len(series.instances) for series in view.series}
        assert uid("series", 1) in {series.uid for series in view.series}

    def test_a_study_that_is_still_coming_is_not_quiet(self, shared_orthanc, archive):
        """Orthanc waits for its StableAge."""
        other = shared_orthanc.upload(file_of(ct_slices(2)[0]))

        assert not archive.study(other).quiet
        shared_orthanc.delete(f"/studies/{other}")

    def test_a_study_that_is_not_there_is_none(self, archive):
        """Nor are its files."""
        assert archive.study("0" * 44) is None
        with pytest.raises(StudyFailed, match="no longer in the archive"):
            archive.file("0" * 44)

    def test_a_file_is_what_was_stored(self, archive, study):
        """Byte for byte."""
        contents = {archive.file(i) for series in archive.study(study).series for i in series.instances}

        assert set(map(file_of, SLICES)) < contents


class TestStore:
    def test_what_is_there_already_is_stored(self, archive, study):
        """Once and twice are the same."""
        for _ in range(2):
            archive.store(study, file_of(SLICES[0]))

        assert 4 == sum(len(series.instances) for series in archive.study(study).series)

    def test_what_is_no_dicom_file_is_refused_for_good(self, archive, study):
        """Orthanc calls it a bad request."""
        with pytest.raises(NotToBeScored, match="no DICOM file"):
            archive.store(study, b"hello")

    def test_a_result_in_another_study_is_told(self, shared_orthanc, archive, study):
        """An archive tells studies apart by patient, too."""
        other = ct_slices(1, PatientID="SOMEBODY-ELSE")[0]

        with pytest.raises(NotToBeScored, match="another study"):
            archive.store(study, file_of(other))
        [strays] = set(shared_orthanc.get("/studies")) - {study}
        shared_orthanc.delete(f"/studies/{strays}")

    def test_nothing_is_tidied(self, archive, study):
        """What Orthanc keeps is its own affair."""
        archive.tidy(lambda study: False)

        assert archive.study(study) is not None


class TestAway:
    def test_an_orthanc_that_is_down_is_away_until_it_is_back(self, orthanc):
        """The connection is found again."""
        with closing(orthanc.archive()) as archive:
            archive.start()
            orthanc.end(signal.SIGKILL)
            with pytest.raises(ArchiveAway, match="does not answer"):
                archive.news(0)
            orthanc.start()
            assert 0 == archive.news(0).position

    def test_a_wrong_password_is_told_and_not_repeated(self, shared_orthanc):
        """The message holds neither user nor password."""
        address = OrthancAddress(shared_orthanc.url, USER[0], "wrong-password")
        with closing(Orthanc(address)) as archive, pytest.raises(ArchiveAway, match="refuses the user") as caught:
            archive.news(0)

        assert "wrong-password" not in str(caught.value) + repr(address)
        assert USER[0] not in str(caught.value)

    def test_what_is_no_orthanc_is_away(self):
        """Somebody must mend the address."""
        with pytest.raises(ArchiveAway, match="no Orthanc"):
            asked(other_server(), lambda archive: archive.news(0))

    @pytest.mark.parametrize("ask", [lambda a: a.news(0), lambda a: a.start(), lambda a: a.study("x")])
    def test_who_has_nothing_at_all_is_no_orthanc(self, ask):
        """A proxy before an Orthanc that restarts: studies are not taken for deleted, and the bridge goes on."""
        with pytest.raises(ArchiveAway, match="no Orthanc"):
            asked(other_server(status=404), ask)

    @pytest.mark.parametrize("ask", [lambda a: a.file("x"), lambda a: a.store("x", b"")])
    def test_a_proxy_s_refusal_is_no_answer(self, ask):
        """Its page is not taken for a broken marking, which would never be scored, nor for what Orthanc stored."""
        with pytest.raises(StudyFailed, match=r"refuses one request \(429\)"):
            asked(other_server(status=429, do_POST=Answer.do_GET), ask)

    def test_a_failing_orthanc_is_away(self):
        """Where it fails over everything."""
        with pytest.raises(ArchiveAway, match=r"fails \(503\)"):
            asked(other_server(status=503), lambda archive: archive.news(0))

    def test_a_full_orthanc_is_away(self):
        """It is not the study's fault."""
        with pytest.raises(ArchiveAway, match="storage of Orthanc is full"):
            asked(other_server(status=507), lambda archive: archive.file("x"))

    def test_one_failing_request_is_the_study_s(self):
        """Where others are answered."""

        def fail_over_files(self):
            self.status = 500 if "instances" in self.path else 200
            Answer.do_GET(self)

        with pytest.raises(StudyFailed, match=r"failed over one request \(500\)"):
            asked(other_server(do_GET=fail_over_files), lambda archive: archive.file("x"))


class TestAddress:
    @pytest.mark.parametrize("url", ["127.0.0.1:8042", "ftp://host", "http://user:secret@127.0.0.1", "http://", "x"])
    def test_an_address_is_a_url_without_secrets(self, url):
        """Others are refused, and not repeated."""
        with pytest.raises(CannotStart, match="must be http") as caught:
            OrthancAddress(url).check(allow_plaintext=True)
        assert "secret" not in str(caught.value)

    def test_patients_cross_no_network_in_the_open(self):
        """Unless an operator takes it upon himself."""
        away = OrthancAddress("http://pacs.example:8042")

        with pytest.raises(CannotStart, match="in the open"):
            away.check(allow_plaintext=False)
        away.check(allow_plaintext=True)
        OrthancAddress("http://localhost:8042").check(allow_plaintext=False)
        OrthancAddress("https://pacs.example", ca=Path("ca.pem")).check(allow_plaintext=False)
