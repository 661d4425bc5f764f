"""The census keeps what was read of each release, and reads little to learn more."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from botocore_redirect.commands.source_digests import RELIED_ON, SourceDigests, digest_files

ROOT = Path(__file__).parents[4]
sys.path.append(str(ROOT))

from tools.releases import census, index  # noqa: E402 - found through the line above
from tools.results.outcomes import version_key  # noqa: E402 - as above

HOOKED = "endpoint.Endpoint._get_response"


def facts(digest: str, **functions: str | None) -> Any:
    """What is known of a release in which nothing is there but what is named."""
    return census.Facts(digest, tuple(functions.get(name) for name in RELIED_ON))


class FakeIndex:
    """Lists releases, and gives each a digest of its own."""

    def __init__(self) -> None:
        self.listed = ["1.13.0", "1.13.1", "1.14.0"]
        self.read: list[str] = []

    def list_supported(self) -> list[str]:
        return self.listed

    def read_wheel(self, release: str) -> SourceDigests:
        self.read.append(release)
        return digest_files({"auth.py": f"release = {release!r}".encode()}.get)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(census, "CENSUS", tmp_path / "census.json")
    monkeypatch.setattr(census, "FUNCTIONS", tmp_path / "functions.json")
    return tmp_path / "census.json"


@pytest.fixture(autouse=True)
def fake_index(monkeypatch: pytest.MonkeyPatch) -> FakeIndex:
    fake = FakeIndex()
    monkeypatch.setattr(census, "list_supported", fake.list_supported)
    monkeypatch.setattr(census, "read_wheel", fake.read_wheel)
    return fake


def repository(folder: Path, **releases: str) -> Path:
    """Make a clone of a botocore of one file, with a tag for each release (v1_13_0)."""
    (folder / "botocore").mkdir(parents=True)

    def git(*command: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@b.test", "-c", "commit.gpgsign=false")
        subprocess.run(["git", "-C", str(folder), *who, *command], check=True, capture_output=True)

    git("init")
    for name, source in releases.items():
        (folder / "botocore" / "auth.py").write_text(source)
        git("add", ".")
        git("commit", "--allow-empty", "-m", name)
        git("tag", name[1:].replace("_", "."))
    return folder


def test_a_census_is_read_back_as_it_was_written() -> None:
    known = {
        "1.13.0": facts("a", **{HOOKED: "x"}),
        "1.13.1": None,
        "1.13.9": facts("b", **{HOOKED: None}),
        "1.13.10": facts("a", **{HOOKED: "x"}),
    }
    text = census.render(known, "2026-01-02")
    assert census.load(text) == known
    assert census.render(census.load(text), "2026-01-02") == text


def test_a_class_is_named_after_its_first_release_and_a_line_tells_of_each() -> None:
    known = {"1.13.10": facts("b"), "1.13.2": facts("a"), "1.13.9": facts("a"), "1.14.0": None}
    lines = census.render(known, "2026-01-02").splitlines()
    start = lines.index('"releases": {')
    assert lines[start + 1 : start + 5] == [
        '"1.13.2": "1.13.2",',
        '"1.13.9": "1.13.2",',
        '"1.13.10": "1.13.10",',
        '"1.14.0": null',
    ]
    assert '"1.13.2": {"digest": "a", "last": "1.13.9"},' in lines


def test_a_function_has_the_releases_at_which_it_changed() -> None:
    known = {f"1.13.{n}": facts("a", **{HOOKED: d}) for n, d in enumerate(["x", "x", "y", None])}
    lines = census.render(known, "2026-01-02").splitlines()
    assert f'"{HOOKED}": {{"1.13.0": "x", "1.13.2": "y", "1.13.3": null}},' in lines


def test_all_functions_of_the_request_path_are_kept_by_class(
    kept: Path, tmp_path: Path, fake_index: FakeIndex
) -> None:
    source = "def sign(): return {}\ndef add(): return 0"
    clone = repository(tmp_path / "c", v1_13_0=source.format(1), v1_13_1=source.format(2))
    fake_index.listed = ["1.13.0", "1.13.1"]
    assert census.main(["--clone", str(clone)]) == 0
    lines = (kept.parent / "functions.json").read_text().splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        *("{", '"auth.<module>"', '"auth.add"', '"auth.sign"', "}")
    ]
    assert (lines[2].count('"1.13.1"'), lines[3].count('"1.13.1"')) == (0, 1)

    fake_index.listed.append("1.13.2")  # which has neither
    assert census.main([]) == 0
    changed = (kept.parent / "functions.json").read_text().splitlines()
    assert changed[3].startswith(lines[3][:-2])
    assert '"1.13.2": null' in changed[2]


def test_a_census_without_its_functions_can_only_be_made_anew(
    kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    census.main([])
    (kept.parent / "functions.json").unlink()
    assert census.main([]) == 1
    assert "no requirements/functions.json: run `nox -s census -- --anew" in capsys.readouterr().err


def test_a_census_of_other_functions_can_only_be_made_anew() -> None:
    text = census.render({"1.13.0": facts("a")}, "2026-01-02")
    for old, new in ((RELIED_ON[0], "endpoint.other"), (census._MADE_FOR, "other")):
        with pytest.raises(index.CensusError, match="census -- --anew"):
            census.load(text.replace(old, new))


def test_only_final_releases_of_the_supported_range_count_oldest_first() -> None:
    listed = ["1.13.10", "1.13.9", "1.12.253", "1.14.0rc1", "2.0.0.dev1", "develop"]
    assert index.select_supported(listed) == ["1.13.9", "1.13.10"]


def test_a_refresh_downloads_no_more_than_it_may_the_newest_first_and_nothing_twice(
    kept: Path, fake_index: FakeIndex
) -> None:
    assert census.main(["--downloads", "2"]) == 0
    known = census.load(kept.read_text())
    assert [release for release, each in known.items() if each is None] == ["1.13.0"]
    census.main([])
    census.main([])
    assert fake_index.read == ["1.14.0", "1.13.1", "1.13.0"]


def test_an_index_that_is_only_partly_reached_does_not_cost_the_census_a_release(
    kept: Path, fake_index: FakeIndex, capsys: pytest.CaptureFixture[str]
) -> None:
    census.main([])
    before = kept.read_text()
    fake_index.listed = ["1.13.0"]
    assert census.main([]) == 1
    assert "pip lists botocore up to 1.13.0, but the census has 1.14.0" in capsys.readouterr().err
    assert kept.read_text() == before
    fake_index.listed = ["1.14.0"]
    assert census.main([]) == 0
    assert list(census.load(kept.read_text())) == ["1.13.0", "1.13.1", "1.14.0"]


def test_a_clone_is_read_before_anything_is_downloaded(
    kept: Path, tmp_path: Path, fake_index: FakeIndex
) -> None:
    clone = repository(tmp_path / "clone", v1_13_0="a = 1", v1_13_1="a  =  1")
    assert census.main(["--clone", str(clone)]) == 0
    known = census.load(kept.read_text())
    assert known["1.13.0"] == known["1.13.1"] != known["1.14.0"]
    assert fake_index.read == ["1.14.0"]


def test_a_clone_gives_the_digests_of_its_tags(tmp_path: Path) -> None:
    folder = repository(
        tmp_path / "c", v1_13_0="a = 1", v1_13_1="a = 2", v1_13_2="a = 1", v1_0_0=""
    )
    clone = index.Clone(folder)
    assert clone.releases() == ["1.13.0", "1.13.1", "1.13.2"]
    read = dict(clone.read_digests(clone.releases()))
    assert read["1.13.0"] == digest_files({"auth.py": b"a = 1"}.get)
    assert read["1.13.2"] == read["1.13.0"] != read["1.13.1"]


def test_a_folder_that_is_no_clone_is_named(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert census.main(["--clone", str(tmp_path / "empty")]) == 1
    assert "empty cannot be read as a clone of botocore's repository" in capsys.readouterr().err
    assert not kept.exists()


@pytest.mark.parametrize(("newest", "status"), [("1.14.0", 0), ("1.14.1", 1), ("1.13.1", 0)])
def test_a_census_without_a_release_that_is_older_than_the_cooldown_is_not_fresh(
    kept: Path, monkeypatch: pytest.MonkeyPatch, newest: str, status: int
) -> None:
    census.main([])
    asked: list[dt.date] = []

    def find_newest(_uv: str, day: dt.date) -> str:
        asked.append(day)
        return newest

    monkeypatch.setattr(census, "find_newest", find_newest)
    monkeypatch.setattr(census, "find_uv", lambda: "uv")
    assert census.main(["--check"]) == status
    assert asked == [dt.datetime.now(dt.timezone.utc).date() - dt.timedelta(days=census.COOLDOWN)]
    assert kept.exists()


@pytest.mark.parametrize(
    ("known", "unread"),
    [
        ({"1.13.0": "a", "1.13.1": None, "1.14.0": "b"}, "1 release of botocore (1.13.1)"),
        ({"1.13.0": "a", "1.14.0": "b"}, "1 release of botocore (1.13.1)"),
        ({"1.14.0": "b"}, "2 releases of botocore (from 1.13.0 to 1.13.1)"),
        ({"1.13.0": "a", "1.13.1": "a", "1.14.0": None}, ""),
        ({"1.13.0": "a", "1.13.1": "a"}, ""),
    ],
)
def test_the_check_fails_if_an_old_release_is_missing_or_was_not_read(
    kept: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    known: dict[str, str | None],
    unread: str,
) -> None:
    read = {release: facts(digest) if digest else None for release, digest in known.items()}
    kept.write_text(census.render(read, "2026-01-02"))
    (kept.parent / "functions.json").write_text(census.render_functions(read))
    monkeypatch.setattr(census, "find_newest", lambda _uv, _day: "1.13.1")
    monkeypatch.setattr(census, "find_uv", lambda: "uv")
    assert census.main(["--check"]) == bool(unread)
    assert unread in capsys.readouterr().err


def test_a_check_that_reaches_only_a_part_of_the_index_fails(
    kept: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    fake_index: FakeIndex,
) -> None:
    assert census.main([]) == 0
    fake_index.listed = ["1.13.0"]
    monkeypatch.setattr(census, "find_newest", lambda _uv, _day: "1.13.0")
    monkeypatch.setattr(census, "find_uv", lambda: "uv")
    assert census.main(["--check"]) == 1
    assert "pip lists botocore up to 1.13.0" in capsys.readouterr().err
    assert kept.exists()


@pytest.mark.parametrize(
    ("unread", "command"),
    [(1, "nox -s census"), (9, "nox -s census -- --downloads 9"), (0, "")],
)
def test_a_refresh_names_the_command_that_reads_the_rest(
    kept: Path,
    fake_index: FakeIndex,
    capsys: pytest.CaptureFixture[str],
    unread: int,
    command: str,
) -> None:
    fake_index.listed = [f"1.13.{number}" for number in range(census.DOWNLOADS + unread)]
    assert census.main([]) == 0
    said = capsys.readouterr().err
    assert f"run `{command}`" in said if command else "To read the rest" not in said
    assert kept.exists()


@pytest.mark.parametrize("number", ["0", "-1", "many"])
def test_a_number_of_downloads_below_one_is_refused(
    number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        census.main([f"--downloads={number}"])
    assert f"'{number}' is not a number of 1 or more" in capsys.readouterr().err


def test_the_census_in_the_repository_was_made_for_the_current_files_and_functions() -> None:
    known = census.read_files()
    assert list(known) == sorted(known, key=version_key)
    assert len(known) > 1600


def test_the_census_in_the_repository_lacks_no_release() -> None:
    """A sweep needs the class of each release."""
    known = census.read_files()
    assert [release for release, facts in known.items() if facts is None] == []
