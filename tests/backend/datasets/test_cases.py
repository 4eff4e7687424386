from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from backend.datasets import Case, generate, load_case, sample, save_case
from protocol.errors import TugError
from protocol.joint import JointType, motion


@pytest.fixture
def case() -> Case:
    return sample().cases()[0]


def written(folder: Path, case: Case, **changes: object) -> Path:
    """A case file with some of its fields replaced, or left out where None."""
    arrays = {field.name: np.asarray(getattr(case, field.name)) for field in fields(Case)}
    arrays |= {name: np.asarray(value) for name, value in changes.items()}
    for name, value in changes.items():
        if value is None:
            del arrays[name]
    path = folder / "case.npz"
    np.savez(path, allow_pickle=False, **arrays)
    return path


@pytest.mark.parametrize("category", ["cabinet", "chair", "faucet"])
def test_a_case_survives_the_file(tmp_path: Path, category: str) -> None:
    for case in generate(category, 3).cases():
        save_case(tmp_path / "a.npz", case)
        again = load_case(tmp_path / "a.npz")
        for field in fields(Case):
            before, after = getattr(case, field.name), getattr(again, field.name)
            assert np.array_equal(before, after), field.name
        assert again.joint == case.joint


def test_the_file_holds_the_fields_of_the_format_and_nothing_else(
    tmp_path: Path, case: Case
) -> None:
    save_case(tmp_path / "a.npz", case)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:
        found = {name: (file[name].dtype.kind, file[name].ndim) for name in file.files}
        sizes = {name: file[name].dtype.itemsize for name in ("vertices", "faces", "face_part")}
    assert found == {
        "vertices": ("f", 2), "faces": ("i", 2), "face_part": ("i", 1), "moving_faces": ("b", 1),
        "part_names": ("U", 1), "joint_type": ("U", 0), "axis": ("f", 1), "origin": ("f", 1),
        "lower": ("f", 0), "upper": ("f", 0), "drag_start": ("f", 1), "drag_end": ("f", 1),
        "prompt": ("U", 0), "category": ("U", 0), "pitch": ("f", 0), "slide": ("f", 1),
    }  # fmt: skip
    assert set(sizes.values()) == {4}


def test_numbers_of_another_width_are_welcome(tmp_path: Path, case: Case) -> None:
    wide = written(
        tmp_path, case, vertices=case.vertices.astype(float), faces=case.faces.astype(np.uint64)
    )
    again = load_case(wide)
    assert again.vertices.dtype == np.float32 and again.faces.dtype == np.int32
    assert np.array_equal(again.faces, case.faces)


def test_a_screw_and_a_cylinder_survive_the_file(tmp_path: Path, case: Case) -> None:
    screw = replace(case, joint_type="screw", pitch=0.004)
    cylinder = replace(case, joint_type="cylindrical", slide=np.array([-0.01, 0.2]))
    for kind in (screw, cylinder):
        save_case(tmp_path / "a.npz", kind)
        assert load_case(tmp_path / "a.npz").joint == kind.joint
    assert (screw.joint.pitch, cylinder.joint.slide) == (0.004, (-0.01, 0.2))


def test_files_from_before_there_were_screws_are_read(tmp_path: Path, case: Case) -> None:
    again = load_case(written(tmp_path, case, pitch=None, slide=None))
    assert again.joint == case.joint and again.joint.slide == (0.0, 0.0)


@given(
    st.sampled_from(["revolute", "prismatic", "screw", "cylindrical"]),
    st.integers(0, 100),
    st.floats(0.01, 100),
)
@settings(max_examples=20, deadline=None)
def test_a_turned_case_moves_as_the_case_does(kind: JointType, seed: int, scale: float) -> None:
    case = replace(sample().cases()[0], joint_type=kind, pitch=0.01, slide=np.array([0.0, 0.1]))
    rotation = Rotation.random(rng=np.random.default_rng(seed)).as_matrix()
    turned = case.turned(rotation, scale)
    for share in (0.3, 1.0):
        before, after = (motion(c.joint, share * c.upper, c.slide[1]) for c in (case, turned))
        ends = (before @ np.append(case.drag_start, 1.0))[:3]
        assert np.allclose(
            (after @ np.append(turned.drag_start, 1.0))[:3], scale * rotation @ ends, rtol=1e-9
        )
    assert np.allclose(turned.vertices, scale * case.vertices @ rotation.T, atol=1e-5 * scale)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"axis": None, "prompt": None}, "lacks axis, prompt"),
        ({"vertices": np.zeros((4, 2), np.float32)}, r"vertices of shape \(4, 2\) instead of"),
        ({"vertices": np.full((90_000, 3), np.nan, np.float32)}, "not finite numbers"),
        ({"vertices": np.zeros((3, 3), np.float32)}, r"faces that point outside 0\.\.2"),
        ({"faces": np.zeros((2, 3), np.float32)}, "faces of type float32 instead of int32"),
        ({"face_part": np.zeros(1, np.int32)}, "face_part of shape"),
        ({"part_names": ["body"]}, "face_part that point outside"),
        ({"joint_type": "ball"}, "joint_type 'ball', which is none of revolute"),
        ({"axis": [0.0, 0.0, 2.0]}, "axis that is not of length 1"),
        ({"axis": [0.0, 0.0, np.nan]}, "axis that is not of length 1"),
        ({"lower": 2.0}, "lower limit above its upper"),
        ({"upper": np.inf}, "upper that is not finite"),
        ({"pitch": np.nan}, "pitch that is not finite"),
        ({"slide": [0.0]}, r"slide of shape \(1,\) instead of"),
        ({"drag_end": [np.inf, 0.0, 0.0]}, "drag_end that is not finite"),
    ],
)
def test_a_wrong_case_is_refused_with_a_sentence(
    tmp_path: Path, case: Case, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(TugError, match=words) as caught:
        load_case(written(tmp_path, case, **changes))
    assert caught.value.error.code == "bad_input"
    assert caught.value.error.message.startswith("The case file case.npz ")


def test_a_case_must_have_a_part_and_a_body(tmp_path: Path, case: Case) -> None:
    for marks in (np.zeros_like(case.moving_faces), np.ones_like(case.moving_faces)):
        save_case(tmp_path / "a.npz", replace(case, moving_faces=marks))
        with pytest.raises(TugError, match="mark some faces as moving"):
            load_case(tmp_path / "a.npz")


def test_files_that_are_no_cases_are_refused(tmp_path: Path, case: Case) -> None:
    save_case(tmp_path / "whole.npz", case)
    torn = tmp_path / "torn.npz"
    torn.write_bytes((tmp_path / "whole.npz").read_bytes()[:3000])
    (tmp_path / "text.npz").write_text("hello")
    (tmp_path / "empty.npz").touch()
    with (tmp_path / "single.npz").open("wb") as file:
        np.save(file, case.vertices)
    pickled = tmp_path / "pickled.npz"
    np.savez(pickled, vertices=np.array([{}], dtype=object))
    for name in ("torn", "text", "empty", "single", "pickled", "absent"):
        with pytest.raises(TugError) as caught:
            load_case(tmp_path / f"{name}.npz")
        assert caught.value.error.code == "bad_input", name
