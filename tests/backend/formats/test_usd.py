"""What USD itself says of a stage that was written."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from backend.datasets import generate
from backend.formats.export import write
from backend.formats.model import from_object

Usd, UsdPhysics, UsdValidation = (
    importlib.import_module(f"pxr.{name}") for name in ("Usd", "UsdPhysics", "UsdValidation")
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Any:
    files, _ = write(from_object(generate("kettle", 5)), "usd")
    path: Path = tmp_path_factory.mktemp("usd") / "kettle.usd"
    path.write_bytes(next(iter(files.values())))
    return Usd.Stage.Open(str(path))


def test_the_validators_of_usd_have_nothing_to_say(stage: Any) -> None:
    known = UsdValidation.ValidationRegistry().GetOrLoadAllValidators()
    assert any("Physics" in validator.GetMetadata().name for validator in known)
    found = UsdValidation.ValidationContext(known).Validate(stage)
    assert [error.GetMessage() for error in found] == []


def test_it_is_one_articulation_whose_parts_do_not_collide_with_each_other(stage: Any) -> None:
    top = stage.GetDefaultPrim()
    assert top.HasAPI(UsdPhysics.ArticulationRootAPI)
    group = UsdPhysics.CollisionGroup(next(p for p in stage.Traverse() if _is_group(p)))
    assert group.GetFilteredGroupsRel().GetTargets() == [group.GetPath()]
    members = group.GetCollidersCollectionAPI().ComputeMembershipQuery()
    colliders = [p for p in stage.Traverse() if p.HasAPI(UsdPhysics.CollisionAPI)]
    assert colliders
    assert all(members.IsPathIncluded(prim.GetPath()) for prim in colliders)


def test_every_body_has_mass(stage: Any) -> None:
    bodies = [p for p in stage.Traverse() if p.HasAPI(UsdPhysics.RigidBodyAPI)]
    assert len(bodies) == len(generate("kettle", 5).links)
    for body in bodies:
        assert UsdPhysics.MassAPI(body).GetMassAttr().Get() > 0.0
        assert min(UsdPhysics.MassAPI(body).GetDiagonalInertiaAttr().Get()) > 0.0


def _is_group(prim: Any) -> bool:
    return prim.IsA(UsdPhysics.CollisionGroup)
