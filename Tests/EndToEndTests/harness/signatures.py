"""The keys of Standard Webhooks, and a subscriber's verification by libraries that know nothing of the gateway."""

import base64
import secrets

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from standardwebhooks.webhooks import Webhook, WebhookVerificationError


def new_secret():
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def new_pair():
    """A `whsk_` secret and its `whpk_` key."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    return ("whsk_" + base64.b64encode(key.private_bytes_raw() + public).decode(),
            "whpk_" + base64.b64encode(public).decode())


def verifies(key, headers, body):
    """Whether one of the signatures is by this `whsec_` secret, or by the secret that this `whpk_` key belongs to."""
    if key.startswith("whpk_"):
        return _verifies_v1a(Ed25519PublicKey.from_public_bytes(base64.b64decode(key.removeprefix("whpk_"))),
                             headers, body)
    try:
        Webhook(key).verify(body, headers, json_parse=False)
    except WebhookVerificationError:
        return False
    return True


def _verifies_v1a(key, headers, body):
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    for given in headers["webhook-signature"].split(" "):
        scheme, _, text = given.partition(",")
        try:
            if scheme == "v1a":
                key.verify(base64.b64decode(text, validate=True), signed)
                return True
        except (InvalidSignature, ValueError):
            pass  # It may be another's.
    return False
