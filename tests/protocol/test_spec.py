"""The written spec says what the types say."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from protocol import spec
from protocol.errors import ErrorCode, meanings

docs = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", ["protocol.md", "protocol.schema.json"])
def test_the_written_spec_is_up_to_date(tmp_path: Path, name: str) -> None:
    spec.write(tmp_path)
    fresh = (tmp_path / name).read_text(encoding="utf-8")
    assert (docs / name).read_text(encoding="utf-8") == fresh, "run: python -m protocol.spec"


def test_every_reference_in_the_schema_leads_somewhere() -> None:
    document = msgspec.json.decode(spec.schema())
    wanted = {reference.removeprefix("#/$defs/") for reference in references(document)}
    assert wanted
    assert wanted <= document["$defs"].keys()


def test_every_message_and_every_code_is_on_the_page() -> None:
    page = spec.page()
    for union in spec.groups.values():
        for kind in get_args(union) or (union,):
            assert f"#### `{kind.__struct_config__.tag}`" in page
    assert tuple(meanings) == get_args(ErrorCode)
    assert all(f"| `{code}` | {meaning} |" in page for code, meaning in meanings.items())


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [name for item in value.values() for name in references(item)]
    if isinstance(value, list):
        return [name for item in value for name in references(item)]
    return []
