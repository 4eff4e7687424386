"""The extension's zips: what they hold, for which Blender, and that Blender accepts them."""

from __future__ import annotations

import ast
import json
import shutil
import tomllib
import zipfile
from pathlib import Path

import pytest

from building import extension
from building.environments import SetupError, root, settings
from protocol import version

platforms = settings()["tool"]["tug"]["extension_platforms"]
tags = {"linux": "linux", "windows": "win", "macos": "macosx"}
machines = {"x64": ("x86_64", "amd64", "universal2"), "arm64": ("arm64", "universal2")}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of freshly built zips and their index."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("dist")
        patch.setattr(extension, "dist", folder)
        patch.setattr(extension, "zips", folder / "extensions")
        patch.setattr(extension, "say", lambda text: None)
        extension.build()
        return folder / "extensions"


def zip_of(built: Path, platform: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(next(built.glob(f"*-{platform.replace('-', '_')}.zip")))


def manifest_of(package: zipfile.ZipFile) -> dict:
    return tomllib.loads(package.read("blender_manifest.toml").decode("utf-8"))


@pytest.mark.parametrize("platform", platforms)
def test_a_zip_carries_a_wheel_of_each_package_for_each_python(built: Path, platform: str) -> None:
    wheels = [
        Path(name).stem.split("-") for name in zip_of(built, platform).namelist() if "whl" in name
    ]
    for python in ("cp311", "cp313", "cp314"):
        usable = {
            name
            for name, _, tag, abi, _ in wheels
            if tag in (python, "py3") or fits(tag, abi, python)
        }
        assert usable == {"msgpack", "msgspec", "platformdirs", "pyzmq"}


def fits(tag: str, abi: str, python: str) -> bool:
    return abi == "abi3" and int(tag[2:]) <= int(python[2:])


@pytest.mark.parametrize("platform", platforms)
def test_a_zip_carries_wheels_of_its_own_platform_only(built: Path, platform: str) -> None:
    system, machine = platform.split("-")
    names = [name.lower() for name in zip_of(built, platform).namelist() if name.endswith(".whl")]
    native = [name for name in names if not name.endswith("-any.whl")]
    assert native
    assert all(
        tags[system] in name and any(m in name for m in machines[machine]) for name in native
    )


@pytest.mark.parametrize("platform", platforms)
def test_every_wheel_the_manifest_names_is_in_the_zip(built: Path, platform: str) -> None:
    package = zip_of(built, platform)
    manifest = manifest_of(package)
    named = manifest.get("build", {}).get("generated", manifest)["wheels"]
    assert {name.removeprefix("./") for name in named} <= set(package.namelist())


def test_a_zip_carries_the_add_on_the_protocol_and_the_licence(built: Path) -> None:
    names = set(zip_of(built, "linux-x64").namelist())
    assert {"__init__.py", "api/joints.py", "protocol/messages.py", "LICENSE"} <= names


def test_a_zip_carries_nothing_else(built: Path) -> None:
    names = zip_of(built, "linux-x64").namelist()
    odd = [name for name in names if not name.endswith((".py", ".whl", ".toml", "LICENSE"))]
    icons = {f"tools/icons/tug.{tool}.dat" for tool in ("pick", "drag", "place", "trajectory")}
    assert set(odd) == icons
    assert not [name for name in names if "test" in name or "backend/" in name or "numpy" in name]
    assert not {"protocol/spec.py", "protocol/prose.py"} & set(names)


def test_the_code_in_the_zip_is_the_code_in_the_tree(built: Path) -> None:
    package = zip_of(built, "windows-x64")
    for name in package.namelist():
        if name.endswith(".py"):
            source = root / (name if name.startswith("protocol/") else f"addon/{name}")
            assert package.read(name) == source.read_bytes()


def test_the_code_in_the_zip_is_python_3_11(built: Path) -> None:
    package = zip_of(built, "linux-x64")
    for name in package.namelist():
        if name.endswith(".py"):
            ast.parse(package.read(name), feature_version=(3, 11))


def test_the_manifest_keeps_to_the_platform_s_rules(built: Path) -> None:
    manifest = manifest_of(zip_of(built, "macos-arm64"))
    texts = [manifest["tagline"], *manifest["permissions"].values()]
    assert all(len(text) <= 64 and not text.endswith(".") for text in texts)
    assert set(manifest["permissions"]) == {"network", "files"}
    assert manifest["license"] == ["SPDX:GPL-3.0-or-later"]
    assert "blender" not in manifest["name"].lower()


def test_one_version_everywhere(built: Path) -> None:
    manifest = manifest_of(zip_of(built, "linux-x64"))
    assert manifest["version"] == settings()["project"]["version"] == version.software
    assert f"## {version.software}" in (root / "CHANGELOG.md").read_text("utf-8")


def test_the_index_lists_every_zip(built: Path) -> None:
    listed = json.loads((built / "index.json").read_text("utf-8"))["data"]
    assert {Path(item["archive_url"]).name for item in listed} == {
        p.name for p in built.glob("*.zip")
    }
    assert {item["platforms"][0] for item in listed} == set(platforms)
    assert (built / "index.html").exists()


def test_blender_refuses_a_zip_with_a_broken_manifest(built: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.zip"
    with zipfile.ZipFile(bad, "w") as package:
        package.writestr("__init__.py", "")
        package.writestr("blender_manifest.toml", 'schema_version = "1.0.0"\nid = "tug"\n')
    with pytest.raises(SetupError):
        extension.blender("validate", bad)


def test_a_wheel_that_is_missing_stops_the_build(built: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tug"
    extension.stage(folder)
    next((folder / "wheels").glob("msgpack*cp313*win*")).unlink()
    with pytest.raises(SetupError, match="msgpack"):
        extension.blender("build", "--source-dir", folder, "--output-dir", tmp_path)


def test_the_live_folder_links_code_and_holds_the_wheels(tmp_path: Path) -> None:
    folder = tmp_path / "live"
    extension.stage(folder, link=True)
    assert (folder / "handlers.py").resolve() == root / "addon" / "handlers.py"
    assert (folder / "protocol").resolve() == root / "protocol"
    assert len(list((folder / "wheels").glob("*.whl"))) == len(extension.wheels())
    shutil.rmtree(folder)
    assert (root / "addon" / "handlers.py").exists()


def test_a_damaged_wheel_in_the_cache_is_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "wheels"
    shutil.copytree(extension.wheel_cache, cache)
    monkeypatch.setattr(extension, "wheel_cache", cache)
    hurt = extension.wheels()[0]
    hurt.write_bytes(hurt.read_bytes()[:100])
    assert zipfile.is_zipfile(next(path for path in extension.wheels() if path.name == hurt.name))
