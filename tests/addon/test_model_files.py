"""The files of a model are found wherever they are."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

model_files: Any = importlib.import_module("tug.core.model_files")
errors: Any = importlib.import_module("tug.protocol.errors")


def put(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_meshes_of_a_urdf_are_found_by_relative_paths_and_by_package(tmp_path):
    text = """<?xml version="1.0"?><!-- <mesh filename="commented.stl"/> -->
    <robot name="r"><mesh filename="../meshes/a&amp;b.stl"/>
    <mesh filename='package://robot_description/meshes/c.dae'/>
    <texture filename="../meshes/wood.png"/><mesh filename="gone.stl"/></robot>"""
    package = tmp_path / "robot_description"
    put(package, urdf__r_dot_urdf=text, meshes__c_dot_dae="", meshes__wood_dot_png="")
    put(package, urdf__commented_dot_stl="")
    (package / "meshes" / "a&b.stl").write_text("")
    kind, found = model_files.collect(package / "urdf" / "r.urdf")
    assert kind == "urdf"
    assert list(found) == ["urdf/r.urdf", "meshes/a&b.stl", "meshes/c.dae"]
    assert all(path.is_file() for path in found.values())


def test_a_package_beside_the_models_package_is_found(tmp_path):
    put(tmp_path, a__urdf__r_dot_urdf='<robot><mesh filename="package://b/m.stl"/></robot>')
    put(tmp_path, b__m_dot_stl="")
    assert list(model_files.collect(tmp_path / "a" / "urdf" / "r.urdf")[1]) == [
        "a/urdf/r.urdf",
        "b/m.stl",
    ]


def test_included_files_and_mesh_folders_of_mjcf_are_followed(tmp_path):
    put(
        tmp_path,
        scene_dot_xml='<mujoco><include file="parts/door.xml"/></mujoco>',
        parts__door_dot_xml='<mujoco><compiler meshdir="assets"/>'
        '<include file="parts/door.xml"/><mesh file="door.obj"/></mujoco>',
        assets__door_dot_obj="",
    )
    kind, found = model_files.collect(tmp_path / "scene.xml")
    assert kind == "mjcf"
    assert list(found) == ["scene.xml", "parts/door.xml", "assets/door.obj"]


@pytest.mark.parametrize("text", ["", "no xml", "<svg/>"])
def test_another_file_is_refused(tmp_path, text):
    put(tmp_path, a_dot_xml=text)
    with pytest.raises(errors.TugError, match="neither URDF nor MJCF"):
        model_files.collect(tmp_path / "a.xml")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(errors.TugError, match="cannot be read"):
        model_files.collect(tmp_path / "a.urdf")
