"""One articulation problem with its true answer, and the `.npz` file it is kept in."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocol.errors import TugError, failure
from protocol.joint import Joint, JointType, Vector


@dataclass(frozen=True, eq=False)
class Case:
    """A mesh, the part of it that moves, a pull at that part and the true joint.

    World frame, z up. `face_part` indexes `part_names`; `moving_faces` marks the part with
    everything that hangs on it. `joint_type` is one of the protocol's; `axis` a unit vector,
    `origin` a point on it; `lower` and `upper` radians or metres relative to the pose stored.
    The drag runs from a point on the part along positive motion. `pitch` metres belong to a
    screw, `slide` to a cylindrical joint; files may leave them out.
    """

    vertices: NDArray[np.float32]  # (V, 3)
    faces: NDArray[np.int32]  # (F, 3)
    face_part: NDArray[np.int32]  # (F,)
    moving_faces: NDArray[np.bool_]  # (F,)
    part_names: tuple[str, ...]
    joint_type: JointType
    axis: NDArray[np.float64]  # (3,)
    origin: NDArray[np.float64]  # (3,)
    lower: float
    upper: float
    drag_start: NDArray[np.float64]  # (3,)
    drag_end: NDArray[np.float64]  # (3,)
    prompt: str
    category: str
    pitch: float = 0.0
    slide: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))  # (2,)

    @property
    def joint(self) -> Joint:
        """The true joint."""
        return Joint(
            type=self.joint_type,
            axis=_vector(self.axis),
            origin=_vector(self.origin),
            lower=self.lower,
            upper=self.upper,
            pitch=self.pitch,
            slide=(float(self.slide[0]), float(self.slide[1])),
            confidence=1.0,
        )

    def turned(self, rotation: ArrayLike, scale: float = 1.0) -> Case:
        """Return the case under a rotation (3, 3) about the world's origin, `scale` times as big.

        The prompt stays: its sides are those of the object as it stood.
        """
        rotation = np.asarray(rotation, dtype=np.float64)
        matrix = scale * rotation.T
        length = scale if self.joint_type == "prismatic" else 1.0
        return replace(
            self,
            vertices=(self.vertices @ matrix).astype(np.float32),
            axis=rotation @ self.axis,
            origin=self.origin @ matrix,
            lower=length * self.lower,
            upper=length * self.upper,
            drag_start=self.drag_start @ matrix,
            drag_end=self.drag_end @ matrix,
            pitch=scale * self.pitch,
            slide=scale * self.slide,
        )


# What files written before there were screws lack.
_younger = ("pitch", "slide")


def save_case(path: str | Path, case: Case) -> None:
    """Write `case` as a compressed `.npz` file of plain arrays, one a field, at exactly `path`."""
    arrays = {field.name: np.asarray(getattr(case, field.name)) for field in fields(Case)}
    with Path(path).open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def load_case(path: str | Path) -> Case:
    """Read and check a case file.

    Raises TugError(bad_input) with a sentence that names what is wrong with the file.
    """
    arrays = _read(Path(path))
    names = [field.name for field in fields(Case)]
    missing = [name for name in names if name not in arrays and name not in _younger]
    if missing:
        raise _bad(path, f"lacks {', '.join(missing)}")
    try:
        case = _parsed(arrays)
        _check(case)
    except ValueError as error:
        raise _bad(path, str(error)) from error
    return case


def _read(path: Path) -> dict[str, NDArray]:
    try:
        with path.open("rb") as opened:
            file = np.load(opened, allow_pickle=False)
            if isinstance(file, np.ndarray):
                raise _bad(path, "is a single array, not an .npz of named arrays")
            return {name: file[name] for name in file.files}
    except FileNotFoundError as error:
        raise failure("bad_input", f"There is no case file {path}.") from error
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise _bad(path, f"cannot be read as .npz ({error})") from error


def _parsed(arrays: Mapping[str, NDArray]) -> Case:
    faces = _array(arrays, "faces", np.int32, (None, 3))
    return Case(
        vertices=_array(arrays, "vertices", np.float32, (None, 3)),
        faces=faces,
        face_part=_array(arrays, "face_part", np.int32, (len(faces),)),
        moving_faces=_array(arrays, "moving_faces", np.bool_, (len(faces),)),
        part_names=tuple(_array(arrays, "part_names", np.str_, (None,)).tolist()),
        joint_type=_array(arrays, "joint_type", np.str_, ()).item(),
        axis=_array(arrays, "axis", np.float64, (3,)),
        origin=_array(arrays, "origin", np.float64, (3,)),
        lower=_array(arrays, "lower", np.float64, ()).item(),
        upper=_array(arrays, "upper", np.float64, ()).item(),
        drag_start=_array(arrays, "drag_start", np.float64, (3,)),
        drag_end=_array(arrays, "drag_end", np.float64, (3,)),
        prompt=_array(arrays, "prompt", np.str_, ()).item(),
        category=_array(arrays, "category", np.str_, ()).item(),
        pitch=_array(arrays, "pitch", np.float64, ()).item() if "pitch" in arrays else 0.0,
        slide=_array(arrays, "slide", np.float64, (2,)) if "slide" in arrays else np.zeros(2),
    )


def _array(
    arrays: Mapping[str, NDArray], name: str, dtype: type[np.generic], shape: tuple[int | None, ...]
) -> NDArray:
    """The field as `dtype`; numbers of the same kind in another width are welcome."""
    array = arrays[name]
    fits = array.ndim == len(shape) and all(
        want in (None, have) for want, have in zip(shape, array.shape, strict=True)
    )
    if not fits:
        wanted = "(" + ", ".join("any" if n is None else str(n) for n in shape) + ")"
        raise ValueError(f"has {name} of shape {array.shape} instead of {wanted}")
    kinds = "iu" if dtype is np.int32 else np.dtype(dtype).kind
    if array.dtype.kind not in kinds:
        raise ValueError(f"has {name} of type {array.dtype} instead of {np.dtype(dtype).name}")
    return array if dtype is np.str_ else array.astype(dtype)


def _check(case: Case) -> None:
    if not np.isfinite(case.vertices).all():
        raise ValueError("has vertices that are not finite numbers")
    _check_index("faces", case.faces, len(case.vertices))
    _check_index("face_part", case.face_part, len(case.part_names))
    if case.moving_faces.all() or not case.moving_faces.any():
        raise ValueError("must mark some faces as moving and leave some to the body")
    if case.joint_type not in get_args(JointType):
        kinds = ", ".join(get_args(JointType))
        raise ValueError(f"has joint_type {case.joint_type!r}, which is none of {kinds}")
    for name in ("origin", "drag_start", "drag_end", "lower", "upper", "pitch", "slide"):
        if not np.isfinite(getattr(case, name)).all():
            raise ValueError(f"has a {name} that is not finite")
    if not abs(np.linalg.norm(case.axis) - 1.0) < 1e-4:
        raise ValueError("has an axis that is not of length 1")
    if case.lower > case.upper:
        raise ValueError("has a lower limit above its upper limit")


def _check_index(name: str, index: NDArray[np.int32], count: int) -> None:
    if index.size and (index.min() < 0 or index.max() >= count):
        raise ValueError(f"has {name} that point outside 0..{count - 1}")


def _bad(path: str | Path, reason: str) -> TugError:
    return failure("bad_input", f"The case file {Path(path).name} {reason}.")


def _vector(values: ArrayLike) -> Vector:
    x, y, z = np.asarray(values, dtype=np.float64).tolist()
    return (x, y, z)
