"""Is this callback WeChat's, is it fresh, and what does it say?

Plain mode: ``signature`` = SHA-1 of the sorted token, timestamp and nonce. Safe mode (安全模式):
the body is AES-256-CBC with the app id inside, and ``msg_signature`` covers the encrypted text
too. See https://developers.weixin.qq.com/doc/oplatform/Third-party_Platforms/2.0/api/Before_Develop/Message_encryption_and_decryption.html

wechatpy gives the cipher and the padding. Its own callback code compares signatures with ``!=``,
never looks at the padding it strips, draws the salt from a guessable generator and lets half a
dozen exception types out, so those four are here.

Nonces are not remembered. WeChat itself repeats a call with the same content up to three times
when we are slow, and such copies must be answered, not refused: a copy, honest or not, is
recognised by its message id (``Incoming.source_id``) where the message is stored, which also
holds across processes and restarts. Freshness bounds how old a copy can be.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from wechatpy.crypto.cryptography import WeChatCipher
from wechatpy.crypto.pkcs7 import PKCS7Encoder

from bot.errors import BadSignature, Malformed, Stale, TooLarge
from bot.settings import WeChatSettings
from bot.xml import cdata, parse_document

_SALT_BYTES = 16
_BLOCK_BYTES = 32


def sign(*parts: str) -> str:
    """WeChat's signature over any number of words, in hex."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


class MessageKey:
    """One EncodingAESKey (43 characters) for one app id."""

    def __init__(self, encoding_aes_key: str, app_id: str) -> None:
        self._key = base64.b64decode(encoding_aes_key + "=")
        self._app_id = app_id.encode()

    def encrypt(self, text: str) -> str:
        content = text.encode()
        framed = b"".join(
            (secrets.token_bytes(_SALT_BYTES), struct.pack(">I", len(content)), content)
        )
        padded = PKCS7Encoder.encode(framed + self._app_id)
        return base64.b64encode(WeChatCipher(self._key).encrypt(padded)).decode()

    def decrypt(self, encrypted: str) -> bytes | None:
        """The text inside, or None if it was not made with this key for this app."""
        try:
            raw = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError):
            return None
        if not raw or len(raw) % 16:
            return None
        framed = WeChatCipher(self._key).decrypt(raw)
        padding = framed[-1]
        if not 1 <= padding <= _BLOCK_BYTES or framed[-padding:] != bytes([padding]) * padding:
            return None
        framed = framed[_SALT_BYTES:-padding]
        if len(framed) < 4:
            return None
        (length,) = struct.unpack(">I", framed[:4])
        content, app_id = bytes(framed[4 : 4 + length]), framed[4 + length :]
        if len(content) != length or not hmac.compare_digest(app_id, self._app_id):
            return None
        return content


@dataclass(frozen=True, slots=True)
class Opened:
    """A callback's XML in clear, and the key that the answer must be encrypted with (if any)."""

    xml: bytes
    key: MessageKey | None


class CallbackCrypto:
    """Opens callbacks and seals answers for one account. Safe to share between threads."""

    def __init__(self, settings: WeChatSettings, now: Callable[[], float] = time.time) -> None:
        self._token = settings.token
        self._freshness_s = settings.freshness_s
        self._max_body_bytes = settings.max_body_bytes
        self._now = now
        # The current key first; the one before it while WeChat changes over.
        self._keys = [
            MessageKey(key, settings.app_id)
            for key in (settings.encoding_aes_key, settings.previous_aes_key)
            if key
        ]
        self._safe_mode = settings.safe_mode

    def verify(self, query: Mapping[str, str]) -> None:
        """Checks ``signature``, ``timestamp`` and ``nonce``: plain mode, and the visit by which
        WeChat tries our address out (then answer with ``echostr``). Raises BadSignature, Stale."""
        self._check(query, "signature")

    def open(self, query: Mapping[str, str], body: bytes) -> Opened:
        """The XML of a callback. Raises TooLarge, BadSignature, Stale, Malformed."""
        if len(body) > self._max_body_bytes:
            raise TooLarge(f"the body is longer than {self._max_body_bytes} bytes")
        if query.get("encrypt_type") != "aes":
            if self._safe_mode:
                raise BadSignature("in safe mode a message comes encrypted")
            self._check(query, "signature")
            return Opened(body, None)
        if not self._keys:
            raise BadSignature("an encrypted message, but no key is configured")
        if not query.get("msg_signature"):
            raise BadSignature("msg_signature is missing")
        encrypted = (parse_document(body).findtext("Encrypt") or "").strip()
        if not encrypted:
            raise Malformed("nothing encrypted inside")
        self._check(query, "msg_signature", encrypted)
        for key in self._keys:
            content = key.decrypt(encrypted)
            if content is not None:
                return Opened(content, key)
        raise BadSignature("not encrypted with our key for our app")

    def seal(self, opened: Opened, reply_xml: str) -> str:
        """``reply_xml`` as it goes out: as it is in plain mode, else encrypted with the key that
        the message came with (WeChat may not have changed over to the new one yet)."""
        if opened.key is None:
            return reply_xml
        encrypted = opened.key.encrypt(reply_xml)
        timestamp, nonce = str(int(self._now())), secrets.token_hex(8)
        signature = sign(self._token, timestamp, nonce, encrypted)
        return (
            "<xml>"
            f"<Encrypt>{cdata(encrypted)}</Encrypt>"
            f"<MsgSignature>{cdata(signature)}</MsgSignature>"
            f"<TimeStamp>{timestamp}</TimeStamp>"
            f"<Nonce>{cdata(nonce)}</Nonce>"
            "</xml>"
        )

    def _check(self, query: Mapping[str, str], name: str, *also: str) -> None:
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        expected = sign(self._token, timestamp, nonce, *also)
        # An empty token would let anyone sign.
        if not self._token or not hmac.compare_digest(
            expected.encode(), query.get(name, "").encode()
        ):
            raise BadSignature(f"{name} does not match")
        if not re.fullmatch(r"[0-9]{1,12}", timestamp):
            raise Stale("the timestamp is not a number")
        if abs(self._now() - int(timestamp)) > self._freshness_s:
            raise Stale(f"the timestamp is more than {self._freshness_s} s from now")
