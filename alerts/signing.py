"""Signatures of webhook requests after the Standard Webhooks specification (https://www.standardwebhooks.com/), so that
a receiver can check them with a library that exists already. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

SECRET_PREFIX = "whsec_"  # noqa: S105 - what the specification writes before a secret in Base64


def signing_key(secret: str) -> bytes:
    """The bytes to sign with: what follows whsec_ is Base64, any other secret is taken as it is. Raises ValueError."""
    if not secret.startswith(SECRET_PREFIX):
        return secret.encode()
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not key:
        raise ValueError(f"what follows {SECRET_PREFIX} is not Base64")
    return key


def signature_headers(key: bytes, notice_key: str, body: bytes, now: datetime) -> Mapping[str, str]:
    """`now` is the moment of this attempt: receivers refuse what was signed minutes ago, since it may be a replay."""
    moment = str(int(now.timestamp()))
    signed = hmac.new(key, f"{notice_key}.{moment}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": notice_key,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode('ascii')}",
    }
