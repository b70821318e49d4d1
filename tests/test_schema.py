from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from scaffold import catalogue, schema
from scaffold.engines import layers
from scaffold.errors import PortfolioError, TemplateError
from scaffold.site import portfolio

REAL = catalogue.root()
LONG = '''\
title = """
gate = "not here"
[target]
"""   # a text of four lines

skills = [
  "one",
  "two",
]
data.rows = 5

[[questions]]
name = "a"
prompt = "A"

[[questions]]
name = "b"
prompt = "B"

[target]
gate = 1
'''


def refused(path: Path, text: str | bytes) -> TemplateError:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(TemplateError) as refusal:
        schema.read(path, layers.KINDS, TemplateError)
    return refusal.value


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("skills =", "skils =", "6: skils is no key that scaffold knows."),
        ('"two"', "2", "6: skills[2] is not a text in quotes."),
        ("rows = 5", "rows = 5.5", "10: data.rows is not a whole number."),
        ("data.rows = 5", 'data = "x"', "10: data is not a table."),
        ('prompt = "B"', "", "16: questions[2] has no prompt."),
        ('name = "b"', "name = true", "17: questions[2].name is not a text in quotes."),
        ("gate = 1", "gate = true", "21: target.gate is not a number."),
        ("gate = 1", "gate = 1\n\n[ci]\nenv = { A = 1 }", "24: ci.env.A is not a text in quotes."),
        ("[[questions]]", "[[topics]]", "16: topics[1] is not a text in quotes."),
    ],
)
def test_a_fault_is_told_with_file_line_and_key(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    text = new.join(LONG.rsplit(old, 1))
    assert text != LONG
    path = tmp_path / "template.toml"
    assert refused(path, text).message == f"{path}:{says}"


def test_a_misspelt_key_is_answered_with_the_nearest(tmp_path: Path) -> None:
    assert refused(tmp_path / "t", "tilte = 'x'").hint == "Did you mean title?"
    assert refused(tmp_path / "t", "[target]\nbase_line = 1\n").hint == "Did you mean baseline?"
    assert refused(tmp_path / "t", "[ci]\nzzzzzz = 1\n").hint.endswith("gate, verdict.")


def test_only_what_is_new_has_to_know_every_key(tmp_path: Path) -> None:
    path = tmp_path / "template.toml"
    path.write_text("of_an_earlier_release = 1\n", encoding="utf-8")
    assert schema.read(path, layers.KINDS, TemplateError, strict=False).table


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("title = 'x'\n".encode("utf-16"), ":1 is not valid TOML: it is text in UTF-16."),
        ("title = 'x'\n".encode("utf-16-le"), ":1 is not valid TOML: it holds zero bytes."),
        ("a = 1\nb = 'Größe'\n".encode("latin-1"), ":2 is not valid TOML: it is no text in UTF-8."),
    ],
)
def test_another_encoding_is_named(tmp_path: Path, data: bytes, says: str) -> None:
    error = refused(tmp_path / "template.toml", data)
    assert error.message == f"{tmp_path / 'template.toml'}{says}"
    assert error.hint == "Save it as UTF-8."


def test_the_mark_that_windows_puts_before_utf_8_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "template.toml"
    path.write_bytes(b"\xef\xbb\xbftitle = 'x'\r\n")
    assert schema.read(path, layers.KINDS, TemplateError).table == {"title": "x"}


def test_what_is_no_toml_has_its_line(tmp_path: Path) -> None:
    assert "at line 2" in refused(tmp_path / "t", "a = 1\nb = \n").message
    (tmp_path / "folder").mkdir()
    with pytest.raises(TemplateError, match="cannot be read"):
        schema.read(tmp_path / "folder", layers.KINDS, TemplateError)


@pytest.mark.parametrize("path", sorted(REAL.glob("*/template.toml")), ids=lambda p: p.parent.name)
def test_the_catalogue_keeps_to_it(path: Path) -> None:
    assert schema.read(path, layers.KINDS, TemplateError).table


def test_the_records_of_the_catalogue_have_no_other_keys() -> None:
    for name, record in (("data", catalogue.Data), ("target", catalogue.Target)):
        table = layers.KINDS.keys[name]
        assert isinstance(table, schema.Table)
        assert set(table.keys) == set(record.__dataclass_fields__)


def test_the_examples_in_the_documentation_keep_to_it(tmp_path: Path) -> None:
    root = Path(__file__).parents[1]
    for file, kinds in (
        ("CONTRIBUTING.md", layers.KINDS), ("docs/how-to/site.md", portfolio.KINDS),
    ):  # fmt: skip
        parts = (root / file).read_text(encoding="utf-8").split("```toml\n")[1:]
        for part in parts:
            text = part.split("```")[0]
            assert tomllib.loads(text)
            (tmp_path / "x.toml").write_text(text, encoding="utf-8")
            schema.read(tmp_path / "x.toml", kinds, PortfolioError)
