"""Messages as MessagePack maps: typed structs out, checked structs in."""

from __future__ import annotations

import math
import re
from typing import Any, TypeVar, cast

import msgpack
import msgspec

from .errors import TugError, failure

T = TypeVar("T")
plain = (str, int, bool, type(None), bytes)
deepest = 64  # nesting of lists and maps; the types of ours reach eight


def encode(message: msgspec.Struct) -> bytes:
    """Return the message as one MessagePack map.

    Raises TugError `malformed` for NaN, infinity, text that is not Unicode or integers
    beyond 64 bits.
    """
    try:
        return cast(bytes, msgpack.packb(to_map(message)))
    except (OverflowError, UnicodeEncodeError) as error:
        raise _malformed("", f"it cannot be encoded ({error})") from error


def decode(frame: bytes | memoryview, type: type[T] | Any, *, limit: int) -> T:
    """Return the message in `frame` as `type`, a struct or a union of tagged structs.

    Raises TugError `too_large` above `limit` bytes, before anything is decoded, and
    `malformed` with the field's path in `details` for everything else that is wrong.
    """
    return from_map(unpack(frame, limit=limit), type)


def unpack(frame: bytes | memoryview, *, limit: int) -> dict[str, Any]:
    """Return the untyped map in `frame`, so that a reply can name the call it refuses.

    Raises TugError `too_large` or `malformed`.
    """
    size = memoryview(frame).nbytes
    if size > limit:
        raise failure(
            "too_large",
            f"A message of {size:,} bytes is over the limit of {limit:,}; send arrays as blobs.",
            size=size,
            limit=limit,
        )
    try:
        value = msgpack.unpackb(frame, strict_map_key=True, object_pairs_hook=_unique)
    except (ValueError, TypeError, RecursionError, MemoryError, msgpack.UnpackException) as error:
        raise _malformed("", f"it is not MessagePack ({_words(error)})") from error
    if not isinstance(value, dict):
        raise _malformed("", "it is not a map")
    return value


def to_map(struct: msgspec.Struct) -> dict[str, Any]:
    """Return `struct` as a map of plain values; raises TugError `malformed` for NaN or infinity."""
    value = msgspec.to_builtins(struct, builtin_types=(bytes,))
    _check(value, "", 0)
    return value


def from_map(value: dict[str, Any], type: type[T] | Any) -> T:
    """Return a map of plain values as `type`; unknown fields are ignored.

    Raises TugError `malformed` that names the path of the first wrong field. NaN and
    infinity are wrong everywhere, nesting beyond 64 levels and extension types too.
    """
    _check(value, "", 0)
    try:
        return msgspec.convert(value, type)
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from None


def _unique(pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
    fields = {}
    for key, value in pairs:
        if not isinstance(key, str):
            raise _malformed("", "a field's name is not text")
        if key in fields:
            raise _malformed(key, "it appears twice")
        fields[key] = value
    return fields


def _check(value: Any, path: str, depth: int) -> None:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise _malformed(path, f"it is {value}, not a finite number")
    elif isinstance(value, plain):
        return
    elif depth >= deepest:
        raise _malformed(path, f"it is nested more than {deepest} levels deep")
    elif isinstance(value, dict):
        for key, item in value.items():
            _check(item, f"{path}.{key}" if path else key, depth + 1)
    elif type(value) in (list, tuple):  # not msgpack's ExtType, which is a tuple too
        for index, item in enumerate(value):
            _check(item, f"{path}[{index}]", depth + 1)
    else:
        raise _malformed(path, "it is of a MessagePack extension type")


def _invalid(text: str) -> TugError:
    """Take msgspec's sentence apart: "Object missing required field `id` - at `$.jobs[0]`"."""
    why, _, path = text.partition(" - at `$")
    path = path.rstrip("`").lstrip(".")
    missing = re.fullmatch(r"Object missing required field `(.+)`", why)
    if missing:
        return _malformed(f"{path}.{missing[1]}".lstrip("."), "it is missing")
    return _malformed(path, why[:1].lower() + why[1:])


def _malformed(path: str, why: str) -> TugError:
    where = f"The field `{_short(path)}`" if path else "The message"
    return failure("malformed", f"{where} is wrong: {why}.", path=_short(path))


def _short(path: str) -> str:
    """Paths hold the sender's own words; keep them harmless to print, log and send back."""
    path = re.sub(r"[^\x20-\x7e]", "?", path)
    return path if len(path) <= 200 else path[:200] + "..."


def _words(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "text that is not UTF-8"
    return str(error) or type(error).__name__
