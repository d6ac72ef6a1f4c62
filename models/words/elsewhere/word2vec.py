"""The files of word2vec, text and binary: a line with two numbers, then a word and its vector,
again and again (Mikolov's word2vec.c, as gensim and fastText write them too)."""

from __future__ import annotations

import mmap
import re
import warnings
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from models.words.elsewhere.stored import LETTERS

HEADER = re.compile(rb"(\d{1,9}) (\d{1,5})[ \r]*\n")
LONGEST = 4 * LETTERS  # bytes of a word
PACKED = {
    b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
}  # fmt: skip


class Format(NamedTuple):
    """What the header promises, and which of the two kinds it is."""

    words: int
    width: int
    start: int
    """The byte after the header."""
    binary: bool


def described(path: Path) -> Format:
    """By its first bytes and its size. Nothing is unpacked, and no memory is taken.

    Raises ValueError, with a sentence, for what is no such file.
    """
    size = path.stat().st_size
    with path.open("rb") as stored:
        first = stored.read(400_000)
    for magic, name in PACKED.items():
        if first.startswith(magic):
            raise ValueError(f"it is packed ({name}); unpack it first.")
    header = HEADER.match(first)
    if header is None or not int(header[1]) or not int(header[2]):
        raise ValueError(
            "it is no file of word2vec: its first line is not the number of words and of "
            "dimensions, as in 1000000 300."
        )
    words, width = int(header[1]), int(header[2])
    binary = not _is_text(first[header.end() :], width)
    least = words * (4 * width + 2 if binary else 2 * width + 2)
    if size - header.end() < least - 1:
        raise ValueError(
            f"it is truncated, or its header is wrong: {words:,} words of {width:,} numbers take "
            f"{least:,} bytes at least, and it has {size:,}."
        )
    return Format(words, width, header.end(), binary)


def _is_text(first: bytes, width: int) -> bool:
    """Whether the first line is a word and so many numbers in digits."""
    fields = first.partition(b"\n")[0].split()
    try:
        return len(fields) == width + 1 and bool([float(field) for field in fields[1:]])
    except ValueError:
        return False


def copy(path: Path, form: Format, rows: BinaryIO) -> list[str]:
    """Every word in the order of the file, its vector written to `rows` as 32-bit numbers.

    Raises ValueError, with a sentence that says where, at the first that is none.
    """
    read = _binary if form.binary else _text
    with path.open("rb") as stored, warnings.catch_warnings():
        warnings.simplefilter("error")  # numpy warns where a text is no list of numbers
        with mmap.mmap(stored.fileno(), 0, access=mmap.ACCESS_READ) as content:
            words, end = read(content, form, rows)
            if content[end : end + LONGEST].strip():
                raise ValueError(f"it holds more than the {form.words:,} words of its header.")
    return [_word(word, place) for place, word in enumerate(words, start=1)]


def _text(content: mmap.mmap, form: Format, rows: BinaryIO) -> tuple[list[bytes], int]:
    """The words as they are written, and where they end."""
    words, start = [], form.start
    for row in range(form.words):
        end = content.find(b"\n", start)
        end = len(content) if end < 0 else end
        line = content[start:end].rstrip(b"\r \t")
        word, _, rest = line.partition(b" ")
        if not line:
            raise ValueError(f"it is truncated: {row:,} of {form.words:,} words are there.")
        try:
            numbers = np.fromstring(rest, dtype=np.float32, sep=" ")
        except (ValueError, DeprecationWarning):
            numbers = np.empty(0, dtype=np.float32)
        if len(numbers) != form.width:
            raise ValueError(f"line {row + 2:,} is not a word and {form.width} numbers.")
        words.append(word)
        rows.write(numbers.tobytes())
        start = end + 1
    return words, start


def _binary(content: mmap.mmap, form: Format, rows: BinaryIO) -> tuple[list[bytes], int]:
    """The words as they are written, and where they end."""
    words: list[bytes] = []
    start, length = form.start, 4 * form.width
    find, size, write = content.find, len(content), rows.write
    with memoryview(content) as written:  # a slice of it is no copy
        for _ in range(form.words):
            end = find(b" ", start, start + LONGEST)
            at = end + 1
            if end < 0 or at + length > size:
                raise ValueError(
                    f"word {len(words) + 1:,} of {form.words:,} is not there: it is truncated, or "
                    "its header is wrong."
                )
            words.append(content[start:end])
            start = at + length
            write(written[at:start])
    return [word.lstrip(b"\n") for word in words], start


def _word(written: bytes, place: int) -> str:
    try:
        return written.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"word {place:,} is no UTF-8.") from error
