"""What is told of a study is told by hashes."""

from service.pacs.archive import digest_of


def test_an_identifier_becomes_a_hash():
    """SHA-256, as 64 hexadecimal digits."""
    assert "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" == digest_of("abc")
