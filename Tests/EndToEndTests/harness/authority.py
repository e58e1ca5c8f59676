"""A certificate authority of a test's own, for subscribers and for the gateway as their client."""

import datetime
import ipaddress
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Issued:
    """A certificate and its key, both in PEM."""

    certificate: bytes
    key: bytes

    def write(self, directory, name):
        """Writes both files; returns their paths."""
        certificate, key = directory / f"{name}.pem", directory / f"{name}.key"
        certificate.write_bytes(self.certificate)
        key.write_bytes(self.key)
        return certificate, key


class Authority:
    """Issues certificates that hold from a day ago to tomorrow unless the caller says otherwise."""

    def __init__(self, name="authority"):
        self._name = _name(name)
        self._key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(self._name, self._name, self._key.public_key(), -DAY, DAY)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.pem = _pem(builder.sign(self._key, hashes.SHA256()))

    def issue(self, name, *, host="127.0.0.1", begins=-DAY, ends=DAY):
        """For a server at `host`, an address or a name, and for a client called `name`."""
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            alternative = x509.IPAddress(ipaddress.ip_address(host))
        except ValueError:
            alternative = x509.DNSName(host)
        builder = _builder(_name(name), self._name, key.public_key(), begins, ends)
        builder = builder.add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        return Issued(
            _pem(builder.sign(self._key, hashes.SHA256())),
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                              serialization.NoEncryption()))


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(subject, issuer, public_key, begins, ends):
    now = datetime.datetime.now(datetime.timezone.utc)
    return (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public_key)
            .serial_number(x509.random_serial_number()).not_valid_before(now + begins).not_valid_after(now + ends))


def _pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)
