"""What a hostile server of TLS 1.2 says first: a greeting, and a chain of the smallest certificates that can be read."""

import struct

# The base point of the curve P-256 (SEC 2), which is a key like any other.
_POINT = bytes.fromhex("046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                       "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")


def _value(tag, *parts):
    """In DER (ITU-T X.690)."""
    body = b"".join(parts)
    length = bytes([len(body)]) if len(body) < 128 else bytes([0x81, len(body)])
    return bytes([tag]) + length + body


def _certificate(key):
    algorithm = _value(0x30, _value(6, b"\x2a\x03"))
    time = _value(0x17, b"250101000000Z")
    body = _value(0x30, _value(2, b"\1"), algorithm, _value(0x30), _value(0x30, time, time), _value(0x30), key)
    return _value(0x30, body, algorithm, _value(3, b"\0"))


_CURVE = _value(0x30, _value(6, bytes.fromhex("2a8648ce3d0201")), _value(6, bytes.fromhex("2a8648ce3d030107")))
_LEAF = _certificate(_value(0x30, _CURVE, _value(3, b"\0", _POINT)))
_TINY = _certificate(_value(0x30, _value(0x30, _value(6, b"\x2a\x03")), _value(3, b"\0")))


def _number(value):
    return struct.pack("!I", value)[1:]


def chain(size, record=16384):
    """Some `size` bytes of certificates behind a greeting, in records of so many bytes at most."""
    one = _number(len(_TINY)) + _TINY
    certificates = _number(len(_LEAF)) + _LEAF
    certificates += one * ((size - len(certificates)) // len(one))
    hello = b"\2" + _number(38) + b"\3\3" + bytes(32) + b"\0\xc0\x2b\0"
    messages = hello + b"\x0b" + _number(len(certificates) + 3) + _number(len(certificates)) + certificates
    parts = (messages[start:start + record] for start in range(0, len(messages), record))
    return b"".join(b"\x16\3\3" + struct.pack("!H", len(part)) + part for part in parts)
