"""One answer of the app as it is kept in memory: its bytes, once for every compression."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping

import brotli
from starlette.datastructures import Headers

QUALITY = {"br": 7, "gzip": 6}
SMALL = 400  # bytes; below it the headers weigh more than what compression saves
REFUSED = re.compile(r"q=0(\.0*)?")
COMPRESSIBLE = ("text/", "application/javascript", "application/json", "image/svg+xml")


class Representation:
    """The body and type of an answer, compressed at most once for each encoding."""

    def __init__(self, body: bytes, content_type: str, cache_control: str) -> None:
        self._bodies: dict[str, bytes] = {"identity": body}
        self._compressible = len(body) >= SMALL and content_type.startswith(COMPRESSIBLE)
        # Weak, as it names the content and not one encoding of it.
        self.etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
        self._headers = {
            "content-type": content_type,
            "cache-control": cache_control,
            "etag": self.etag,
            "vary": "Accept-Encoding",
        }

    def encoding(self, accepted: str) -> str:
        """The best encoding that a client accepts; `accepted` is its Accept-Encoding header."""
        if self._compressible:
            offers = dict(offer(part) for part in accepted.lower().split(","))
            for name in QUALITY:
                if offers.get(name, False):
                    return name
        return "identity"

    def has(self, encoding: str) -> bool:
        """Whether `body` costs nothing for this encoding."""
        return encoding in self._bodies

    def body(self, encoding: str) -> bytes:
        """The bytes in this encoding; the first time this may take a tenth of a second."""
        if encoding not in self._bodies:
            plain = self._bodies["identity"]
            self._bodies[encoding] = (
                brotli.compress(plain, quality=QUALITY["br"])
                if encoding == "br"
                else gzip.compress(plain, QUALITY["gzip"], mtime=0)
            )
        return self._bodies[encoding]

    def headers(self, encoding: str) -> Mapping[str, str]:
        """All headers but the length."""
        encoded = {} if encoding == "identity" else {"content-encoding": encoding}
        return {**self._headers, **encoded}

    def is_known(self, headers: Headers) -> bool:
        """Whether the client says that it has these bytes already."""
        known = headers.get("if-none-match", "")
        return known == "*" or self.etag in (tag.strip() for tag in known.split(","))

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return sum(map(len, self._bodies.values()))


def offer(part: str) -> tuple[str, bool]:
    """`br;q=0.5` as ("br", True); a quality of zero means that the client refuses it."""
    name, _, quality = part.partition(";")
    return name.strip(), not REFUSED.fullmatch(quality.strip())
