"""Many parts from a script."""

from __future__ import annotations

import bpy
import pytest

pull = ((0.0, -0.5, 0.0), (0.0, -1.0, 0.0))


@pytest.fixture
def drawers(box):
    """Six loose blocks in front of a wall; the fourth has no faces."""
    box("Wall", (20.0, 0.2, 1.0), (0.0, 0.6, 0.0))
    made = []
    for n in range(6):
        made.append(box(f"Drawer {n}", (0.8, 1.0, 0.8), (0.0, 0.0, 0.0)))
        made[-1].location.x = 2.0 * n - 5.0
    made[3].data.clear_geometry()
    return made


def items(drawers):
    return [
        {"obj": obj, "drags": [[(obj.location.x, y, z) for _, y, z in pull]], "prompt": "a drawer"}
        for obj in drawers
    ]


def test_one_bad_item_stops_nothing_and_every_step_is_told(connected, drawers):
    seen = []
    report = connected.batch(
        items(drawers), on_progress=lambda report, item: seen.append((item.name, item.state))
    )
    assert [item.name for item in report.failed] == ["Drawer 3"]
    assert len(report.done) == 5 and "Drawer 3: " in str(report)
    assert ("Drawer 0", "running") in seen and ("Drawer 0", "done") in seen
    assert ("Drawer 3", "failed") in seen
    assert len(connected.jobs()) == 5, "proposals wait for a decision"
    assert not any(obj.type == "EMPTY" for obj in bpy.data.objects)


def test_results_are_applied_and_leave_the_list(connected, drawers):
    report = connected.batch(items(drawers), apply=True)
    assert len(report.done) == 5 and connected.jobs() == []
    for drawer in (*drawers[:3], *drawers[4:]):
        assert drawer.parent.type == "EMPTY" and "tug_open" in drawer.parent
    assert drawers[3].parent is None


def test_a_batch_resumes_after_a_crash(connected, drawers, tmp_path):
    journal = tmp_path / "batch.jsonl"

    def crash(report, item):
        if len(report.done) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        connected.batch(items(drawers), journal=journal, apply=True, on_progress=crash)
    empties = [obj.name for obj in bpy.data.objects if obj.type == "EMPTY"]
    assert len(empties) == 3
    report = connected.batch(items(drawers), journal=journal, apply=True)
    assert len(report.done) == 5 and sum(item.reloaded for item in report.items) == 3
    assert set(empties) < {obj.name for obj in bpy.data.objects if obj.type == "EMPTY"}
    again = connected.batch(items(drawers), journal=journal, apply=True)
    assert sum(item.reloaded for item in again.items) == 5
    assert len([obj for obj in bpy.data.objects if obj.type == "EMPTY"]) == 5


def test_items_may_name_objects_and_nonsense_fails_alone(connected, drawers):
    gone = bpy.data.objects.new("Gone", None)
    bpy.data.objects.remove(gone)
    report = connected.batch(
        [
            {"obj": "Drawer 0"},
            {"obj": "Nobody"},
            {"obj": gone},
            {"obj": "Drawer 1", "no_such_option": 1},
            {"obj": "Drawer 1", "drags": [((0, 0), (1, 1))]},
        ]
    )
    assert [item.state for item in report.items] == ["done", *["failed"] * 4]
    assert "no object 'Nobody'" in report.items[1].error.message
    assert all(item.error.code == "bad_input" for item in report.failed)


def test_a_batch_without_a_backend_says_so_at_once(api, drawers):
    with pytest.raises(api.TugError, match="not installed"):
        api.batch(items(drawers))
