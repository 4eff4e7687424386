"""The second failure of Drag4D: motion that is too fast."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from backend.views.clips import cut, shown, shown_frames, speeds
from backend.views.engine import Wish, prepare, render
from protocol.views import Clip
from tests.backend.views.things import camera, moves, moving


def test_slow_motion_is_one_clip():
    (clip,) = cut(np.full(20, 5.0), 32.0, 1)
    assert (clip.first, clip.last, clip.slower) == (1, 21, 1.0)


def test_a_single_frame_is_a_clip():
    (clip,) = cut(np.zeros(0), 32.0, 7)
    assert (clip.first, clip.last) == (7, 7)


@pytest.mark.parametrize("seed", range(20))
def test_clips_follow_each_other_and_none_is_too_fast(seed):
    generator = np.random.default_rng(seed)
    steps = np.abs(generator.normal(size=60)) * generator.choice([1.0, 30.0, 200.0], 60)
    clips = cut(steps, 32.0, 11)
    assert clips[0].first == 11 and clips[-1].last == 71
    for before, after in pairwise(clips):
        assert before.last == after.first and before.slower != after.slower
    for clip in clips:
        inside = steps[clip.first - 11 : clip.last - 11]
        assert inside.max() / clip.slower <= 32.0 + 1e-6


def test_the_fast_middle_of_a_motion_becomes_a_clip_of_its_own():
    steps = np.concatenate([np.full(20, 10.0), np.full(20, 100.0), np.full(20, 10.0)])
    clips = cut(steps, 32.0, 1)
    assert [(clip.first, clip.last, clip.slower) for clip in clips] == [
        (1, 21, 1.0),
        (21, 41, 4.0),
        (41, 61, 1.0),
    ]


def test_a_moment_of_slowness_does_not_cut_what_is_fast():
    steps = np.full(30, 100.0)
    steps[14:16] = 1.0
    assert len(cut(steps, 32.0, 1)) == 1


def test_a_dash_is_shown_slowly_in_each_view():
    """A box that dashes across: shown as told, no track steps farther than asked."""
    share = 1.0 / (1.0 + np.exp(-np.linspace(-12, 12, 48)))
    motion = moves(np.stack([8.0 * share - 4.0, 0 * share, 0.3 * share], 1))
    prepared = prepare(moving(motion, first=5), Wish(fastest=8.0, layers=(), tracks=3))
    for view in render(prepared):
        assert view.clips[0].first == 5 and view.clips[-1].last == 52
        for clip in view.clips:
            frames, way = shown_frames(clip), shown(clip, view.tracks, 5)
            assert len(way) == len(frames) == (clip.last - clip.first) * clip.slower + 1
            assert np.array_equal(
                way[:: int(clip.slower)], view.tracks[clip.first - 5 : clip.last - 4]
            )
            assert np.linalg.norm(np.diff(way, axis=0), axis=2).max(initial=0.0) <= 8.0 + 1e-3
    assert any(len(view.clips) > 1 for view in render(prepared))


def test_what_is_out_of_the_picture_may_be_fast():
    look = camera(0.0, 0.0, 6.0)
    points = np.array([[[50.0, 0, 0]], [[90.0, 0, 0]], [[95.0, 0, 0]]])
    assert speeds(look, *look.project(points)).max() == 0.0
    inside = np.array([[[0.0, 0, 0]], [[90.0, 0, 0]]])
    assert speeds(look, *look.project(inside)).max() > 100.0


def test_what_is_behind_the_camera_stays_nowhere():
    pixels = np.array([[[0.0, 0.0]], [[8.0, 4.0]], [[np.nan, np.nan]]])
    way = shown(Clip(first=1, last=3, slower=2.0), pixels, 1)
    assert way[:3, 0].tolist() == [[0.0, 0.0], [4.0, 2.0], [8.0, 4.0]]
    assert np.isnan(way[3:]).all()
