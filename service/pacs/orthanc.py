"""An Orthanc, through its REST interface (https://orthanc.uclouvain.be/book/users/rest.html)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from service.faults import CannotStart
from service.pacs.archive import News, SeriesView, StudyView
from service.pacs.extra import needed
from service.pacs.faults import ArchiveAway, NotToBeScored, StudyFailed
from service.security.address import is_loopback

CHANGES = 100
"""Changes of one page, as many as Orthanc gives by default."""

TIMEOUT_S = (5.0, 60.0)
"""What Orthanc is allowed to be reached, and to begin an answer."""

RETRIES = 2
"""Requests made again on a fresh connection: Orthanc closes those that have been idle for a second."""

NO_ORTHANC = "what answers is no Orthanc; check the address"


@dataclass(frozen=True, slots=True)
class OrthancAddress:
    """
    Where an Orthanc is, and what it is told.

    Attributes:
        url: Its root.
        user: Who asks; empty is nobody.
        password: Of the user.
        ca: Authorities that may vouch for it, PEM; None is those that all trust.
    """

    url: str
    user: str = ""
    password: str = field(default="", repr=False)
    ca: Path | None = None

    def check(self, allow_plaintext: bool) -> None:
        """
        Raise unless a bridge may talk to it.

        Raises:
            CannotStart: this is no root of an Orthanc, or patients would cross a network in the open.
        """
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            raise CannotStart("--orthanc: must be http://HOST:PORT or https://HOST:PORT, without user and password")
        if parts.scheme == "http" and not is_loopback(parts.hostname) and not allow_plaintext:
            raise CannotStart(
                "--orthanc: patients would cross the network in the open; give https://, or --allow-plaintext where "
                "something else encrypts"
            )


class Orthanc:
    """
    A connection to an Orthanc.

    Args:
        address: Where it is.
        whole_archive: Begin with the studies that it has already, not with those that come.

    Raises:
        CannotStart: the library for it is not installed.
    """

    def __init__(self, address: OrthancAddress, whole_archive: bool = False) -> None:
        self._requests = needed("requests")
        self._url = address.url.rstrip("/")
        self._whole_archive = whole_archive
        self._session = self._requests.Session()
        self._session.trust_env = False
        if address.user:
            self._session.auth = (address.user, address.password)
        self._session.verify = str(address.ca) if address.ca else True
        retries = needed("urllib3").Retry(RETRIES, status=0, redirect=0, allowed_methods=None, backoff_factor=0.1)
        self._session.mount(self._url, self._requests.adapters.HTTPAdapter(max_retries=retries))

    def close(self) -> None:
        """End the connection."""
        self._session.close()

    def start(self) -> int:
        """The position at which a bridge begins that has never run."""
        return 0 if self._whole_archive else int(self._changes("last")["Last"])

    def news(self, position: int) -> News:
        """
        The studies that came, got a series, or became stable since a position.

        Orthanc tells no more that a study is stable after it was restarted in between: new studies and series are
        taken up as well, and looked at when they are stable. An Orthanc whose changes end before the position has been
        set up anew, and is read from its start.
        """
        page = self._changes(f"since={position}&limit={CHANGES}")
        last = int(page["Last"])
        if last < position:
            return News({}, 0, more=True)
        stamps = {}
        for change in page["Changes"]:
            if study := self._study_of(change):
                stamps[study] = str(change["Seq"])
        return News(stamps, last, more=not page["Done"])

    def study(self, study: str) -> StudyView | None:
        """A study; None where it is no longer there."""
        told, listed = self._json(f"/studies/{study}"), self._json(f"/studies/{study}/series")
        if told is None or listed is None:
            return None
        return StudyView(study, bool(told["IsStable"]), tuple(map(_series, listed)))

    def file(self, instance: str) -> bytes:
        """An instance, as DICOM file."""
        answer = self._asked("GET", f"/instances/{instance}/file")
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise StudyFailed("an instance is no longer in the archive")
        _check(answer.status_code)
        content: bytes = answer.content
        return content

    def store(self, study: str, content: bytes) -> None:
        """
        Take a result into a study; one that is there already is stored.

        Raises:
            NotToBeScored: it is refused for good, or lies in another study.
        """
        answer = self._asked("POST", "/instances", content)
        if answer.status_code in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNSUPPORTED_MEDIA_TYPE):
            raise NotToBeScored("the archive refuses a result as no DICOM file")
        _check(answer.status_code)
        if answer.json()["ParentStudy"] != study:
            raise NotToBeScored("the archive keeps a result in another study; patient or study have no identifier")

    def tidy(self, is_open: Callable[[str], bool]) -> None:
        """Leave everything: what Orthanc keeps is its own affair."""

    def _study_of(self, change: Mapping[str, Any]) -> str:
        """The study that a change is about; empty where it is none to be looked at."""
        match change["ChangeType"]:
            case "NewStudy" | "StableStudy":
                return str(change["ID"])
            case "NewSeries":
                try:
                    series = self._json(f"/series/{change['ID']}")
                except StudyFailed:  # It becomes stable yet, and its study with it.
                    return ""
                return str(series["ParentStudy"]) if series else ""
            case _:
                return ""

    def _changes(self, query: str) -> Mapping[str, Any]:
        """A page of changes, which every Orthanc has."""
        page = self._json(f"/changes?{query}")
        if not isinstance(page, Mapping) or "Last" not in page:
            raise ArchiveAway(NO_ORTHANC)
        return page

    def _json(self, path: str) -> Any:
        """What Orthanc tells; None where there is no such thing."""
        answer = self._asked("GET", path)
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        try:
            return answer.json()
        except ValueError as error:
            raise ArchiveAway(NO_ORTHANC) from error

    def _asked(self, method: str, path: str, content: bytes | None = None) -> Any:
        """
        The answer to a request, unless it says that somebody failed.

        Raises:
            ArchiveAway: there is no answer, or not to us.
            StudyFailed: this request fails while others are answered.
        """
        answer = self._sent(method, path, content)
        status = answer.status_code
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise ArchiveAway(f"Orthanc refuses the user ({status}); check the file or variable with the credentials")
        if status == HTTPStatus.NOT_FOUND and not self._sent("GET", "/system", None).ok:
            raise ArchiveAway(NO_ORTHANC)  # As a proxy answers before an Orthanc that restarts.
        if status == HTTPStatus.INSUFFICIENT_STORAGE:
            raise ArchiveAway("the storage of Orthanc is full")
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            if self._sent("GET", "/system", None).ok:
                raise StudyFailed(f"Orthanc failed over one request ({status}); its log may tell why")
            raise ArchiveAway(f"Orthanc fails ({status}); its log may tell why")
        return answer

    def _sent(self, method: str, path: str, content: bytes | None) -> Any:
        try:
            return self._session.request(method, self._url + path, data=content, timeout=TIMEOUT_S)
        except self._requests.RequestException as error:
            raise ArchiveAway(f"Orthanc does not answer ({type(error).__name__}); check the address") from error


def _check(status: int) -> None:
    """Raise unless an answer is what was asked for: a proxy has refusals of its own, with a page that is no file."""
    if status >= HTTPStatus.BAD_REQUEST:
        raise StudyFailed(f"Orthanc, or a proxy before it, refuses one request ({status}); its log may tell why")


def _series(told: Mapping[str, Any]) -> SeriesView:
    tags = told["MainDicomTags"]
    instances = tuple(sorted(told["Instances"]))
    return SeriesView(told["ID"], tags.get("SeriesInstanceUID", ""), tags.get("Modality", ""), instances)
