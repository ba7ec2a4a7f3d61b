"""What a connection that came to nothing means, where certificates are the cause."""

UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"


def explained(details: str, address: str) -> str | None:
    """
    The cause, in a sentence that says what to do; None where certificates have nothing to do with it.

    Args:
        details: What gRPC says about the connection.
        address: Of the server, to be named.
    """
    if "certificate has expired" in details:
        return f"the server at {address} shows a certificate that has expired; its operator must renew it"
    if UNTRUSTED in details:
        cause = details.partition(UNTRUSTED)[2].strip(": ").removesuffix(": OK")
        return (
            f"the server at {address} shows a certificate that is not trusted here ({cause}); give --ca the "
            "certificate of the authority that signed it"
        )
    if "Hostname Verification" in details:
        return f"the certificate of the server at {address} is for another name; use the name that it is for"
    if "WRONG_VERSION_NUMBER" in details:
        return f"the server at {address} speaks no TLS; leave out --ca and --tls"
    if "Socket closed" in details:
        return (
            f"the server at {address} closes the connection; it may want TLS (--ca FILE or --tls), or a certificate of "
            "the client (--client-certificate and --client-key)"
        )
    return None
