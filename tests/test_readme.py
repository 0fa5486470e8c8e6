"""The README in Chinese says what the English one says: same headings, tables, commands and links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WHAT_NOW = "README.md and README.zh-CN.md are one text in two languages: change both."


def _outline(name: str) -> dict[str, list[str]]:
    text = (ROOT / name).read_text(encoding="utf-8")
    lines = text.splitlines()
    return {
        "levels of headings": [line.split(" ")[0] for line in lines if re.match(r"#+ ", line)],
        "code blocks": re.findall(r"```\n(.*?)```", text, re.DOTALL),
        "columns of table rows": [str(line.count("|")) for line in lines if line.startswith("|")],
        "links": sorted(set(re.findall(r"\]\(([^)]+)\)", text)) - {"README.md", "README.zh-CN.md"}),
        "names in code": sorted(set(re.findall(r"`([a-z][\w./*]+)`", text))),
    }


@pytest.mark.parametrize(
    "part", ["levels of headings", "code blocks", "columns of table rows", "links", "names in code"]
)
def test_the_chinese_readme_is_in_step(part: str) -> None:
    assert _outline("README.zh-CN.md")[part] == _outline("README.md")[part], WHAT_NOW


def test_each_leads_to_the_other() -> None:
    assert "(README.zh-CN.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "(README.md)" in (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")
