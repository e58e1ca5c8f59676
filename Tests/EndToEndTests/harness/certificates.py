"""Certificates for a loopback server, made by the real openssl."""

import subprocess


def issue(directory, name):
    """A certificate authority of that name, and by it a certificate for 127.0.0.1.

    Returns the paths of the authority's certificate, the certificate and its key.
    """
    authority, authority_key = directory / f"{name}-ca.pem", directory / f"{name}-ca.key"
    certificate, key, request = (directory / f"{name}.{suffix}" for suffix in ("pem", "key", "csr"))
    extensions = directory / f"{name}.ext"
    extensions.write_text("subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n", encoding="ascii")
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    _openssl("req", "-x509", *new_key, "-keyout", authority_key, "-out", authority, "-days", "2",
             "-subj", f"/CN={name} authority", "-addext", "keyUsage=critical,keyCertSign")
    _openssl("req", *new_key, "-keyout", key, "-out", request, "-subj", "/CN=127.0.0.1")
    _openssl("x509", "-req", "-in", request, "-CA", authority, "-CAkey", authority_key, "-CAcreateserial",
             "-days", "2", "-extfile", extensions, "-out", certificate)
    return authority, certificate, key


def _openssl(*arguments):
    run = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, timeout=30, check=False)
    assert run.returncode == 0, run.stderr
