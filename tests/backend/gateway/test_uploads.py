from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.gateway import uploads as module
from backend.gateway.uploads import Uploads
from backend.storage import BlobFolder
from protocol.blobs import digest
from protocol.errors import TugError
from protocol.messages import PutChunk

data = np.random.default_rng(0).bytes(100)
chunk = 10


def call(offset):
    return PutChunk(id="1", digest=digest(data), offset=offset, size=len(data))


def put(uploads, offset):
    return uploads.put(call(offset), memoryview(data)[offset : offset + chunk])


@given(st.lists(st.integers(0, 2), max_size=80))
def test_senders_of_the_same_blob_do_not_disturb_each_other(tmp_path_factory, turns):
    """Three clients, each sending its chunks in order, interleaved in any way."""
    blobs = BlobFolder(tmp_path_factory.mktemp("blobs"))
    uploads = Uploads(blobs, 1000, make_room=lambda: None)
    offsets = [0, 0, 0]
    for sender in [*turns, *[0] * chunk]:
        if offsets[sender] < len(data):
            stored = put(uploads, offsets[sender])
            offsets[sender] += chunk
            assert stored.received >= offsets[sender]
    assert blobs.path(digest(data)).read_bytes() == data
    assert list(blobs.partial.iterdir()) == []


def test_a_full_disk_is_cleared_before_an_upload_is_refused(tmp_path, monkeypatch):
    free = [0]
    monkeypatch.setattr(module.shutil, "disk_usage", lambda folder: SimpleNamespace(free=free[0]))
    blobs = BlobFolder(tmp_path)
    with pytest.raises(TugError, match="make room"):
        put(Uploads(blobs, 1000, make_room=lambda: None), 0)
    cleared = Uploads(blobs, 1000, make_room=lambda: free.__setitem__(0, 1 << 40))
    assert put(cleared, 0).received == chunk


def test_abandoned_uploads_are_discarded(tmp_path, monkeypatch):
    blobs = BlobFolder(tmp_path)
    uploads = Uploads(blobs, 1000, make_room=lambda: None)
    put(uploads, 0)
    uploads.discard_idle()
    assert len(list(blobs.partial.iterdir())) == 1
    monkeypatch.setattr(module, "idle_seconds", -1.0)
    uploads.discard_idle()
    assert list(blobs.partial.iterdir()) == []
    with pytest.raises(TugError, match="sent again"):
        put(uploads, chunk)


def test_many_open_uploads_end_the_oldest(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "uploads_at_once", 2)
    blobs = BlobFolder(tmp_path)
    uploads = Uploads(blobs, 1000, make_room=lambda: None)
    for name in "abc":
        announced = PutChunk(id="1", digest=name * 64, offset=0, size=50)
        uploads.put(announced, memoryview(b"x" * 10))
    assert len(list(blobs.partial.iterdir())) == 2


def test_what_a_killed_gateway_left_is_removed(tmp_path):
    blobs = BlobFolder(tmp_path)
    blobs.draft().write_bytes(b"half")
    Uploads(blobs, 1000, make_room=lambda: None)
    assert list(blobs.partial.iterdir()) == []
