"""The pages' one sheet: found, collected, and the same as those it is made of."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.staticfiles import finders

from stp.core import joined


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: LazySettings) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path / "joined"


def test_every_sheet_of_the_site_is_in_it(settings: LazySettings) -> None:
    sheets = sorted((Path(settings.BASE_DIR) / "static" / "css").glob("*.css"))
    assert sorted(path.stem for path in sheets) == sorted(joined.PARTS)
    for path in sheets:
        assert path.read_text(encoding="utf-8") in joined.joined()


def test_it_is_found_by_its_name_and_no_other_is(folder: Path) -> None:
    finder = joined.JoinedFinder()
    assert finder.find(joined.SITE) == str(folder / joined.SITE)
    assert finder.find(joined.SITE, find_all=True) == [str(folder / joined.SITE)]
    assert finder.find("css/app.css") == []
    assert finder.check() == []
    assert any(isinstance(f, joined.JoinedFinder) for f in finders.get_finders())


def test_it_is_collected_with_the_text_of_today(folder: Path) -> None:
    finder = joined.JoinedFinder()
    ((name, storage),) = finder.list(None)
    with storage.open(name) as sheet:
        assert (name, sheet.read().decode()) == (joined.SITE, joined.joined())
    file = folder / joined.SITE
    written = file.stat().st_mtime_ns
    finder.find(joined.SITE)
    assert file.stat().st_mtime_ns == written, "written again though nothing changed"
    file.write_text("old")
    finder.find(joined.SITE)
    assert file.read_text(encoding="utf-8") == joined.joined()
    assert [path.name for path in file.parent.iterdir()] == ["site.css"], "half a file was left"
