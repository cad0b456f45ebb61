"""The page in headless Chromium: widths, requests, ticking, the sandboxed frame, no scripts."""

import csv
import io
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sample import ANIMALS, card, confusion, sample_content, sparse_content

from common.report.page import render

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render(sample_content(confusion=confusion(ANIMALS))), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def sparse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render(sparse_content()), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("name", ["full", "sparse"])
def test_no_sideways_scroll_no_request_no_complaint(
    browser: Any, name: str, width: int, request: pytest.FixtureRequest
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    requests, complaints = [], []
    page.on("request", lambda sent: requests.append(sent.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(request.getfixturevalue(name).as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert [url for url in requests[1:] if not url.startswith("data:")] == []
    assert complaints == []
    page.close()


def test_dark_and_light_differ_in_page_and_chart(browser: Any, full: Path) -> None:
    seen = set()
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme)
        page.goto(full.as_uri())
        colour = "e => getComputedStyle(e).fill"
        seen.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        seen.add(page.eval_on_selector("svg text", colour))
        page.close()
    assert len(seen) == 4


def test_ticks_show_ceilings_and_are_copied_in_a_sandboxed_frame(browser: Any, full: Path) -> None:
    page = browser.new_page(viewport={"width": 1000, "height": 800})
    page.set_content('<iframe sandbox="allow-scripts" width="980" height="780"></iframe>')
    page.eval_on_selector(
        "iframe", "(frame, html) => { frame.srcdoc = html }", full.read_text(encoding="utf-8")
    )
    frame = page.frame_locator("iframe")
    frame.get_by_label("name of the first category").fill('dark, "very"')
    frame.locator("figure").nth(0).get_by_label('dark, "very"').check()
    for number in range(6):
        frame.locator("figure").nth(number).get_by_label("label wrong").check()
    counts = frame.locator("output")
    # 6 of 100 errors at 12 % dev error; Wilson gives 2.78 % to 12.48 % of the errors.
    assert counts.nth(2).inner_text() == "6 of 100: at most −0.7 points (0.3 to 1.5)"
    assert counts.nth(1).inner_text() == "0"
    frame.get_by_role("button", name="Copy tags as CSV").press("Enter")
    rows = list(csv.reader(io.StringIO(frame.get_by_label("tags as CSV").input_value())))
    assert rows[0] == ["run_id", "example_id", 'dark, "very"', "category 2", "label wrong"]
    assert rows[1] == ["3f2a91c07bd84e1c", "photo-0000", "1", "", "1"]
    assert len(rows) == 101
    page.close()


def test_a_graded_error_counts_as_large_as_it_is(browser: Any, tmp_path: Path) -> None:
    cards = tuple(replace(card(seed), error=error) for seed, error in enumerate((0.9, 0.3, 0.3)))
    file = tmp_path / "report.html"
    file.write_text(render(sample_content(errors=cards, graded=True)), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    page.locator("figure").nth(0).get_by_label("category 1").check()
    # 60 % of the three errors, at 12 % dev error
    assert page.locator("output").nth(0).inner_text().startswith("1 of 3: at most −7.2 points")
    page.close()


def test_tags_without_a_truth_have_no_column_for_it(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(render(sample_content(has_truth=False)), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    page.get_by_role("button", name="Copy tags as CSV").press("Enter")
    rows = list(csv.reader(io.StringIO(page.get_by_label("tags as CSV").input_value())))
    assert rows[0] == ["run_id", "example_id", "category 1", "category 2"]
    assert {len(row) for row in rows} == {4}
    page.close()


def test_page_is_complete_without_scripts(browser: Any, full: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(full.as_uri())
    assert page.get_by_text("What to do next", exact=True).is_visible()
    assert page.get_by_text("Scripts are off here").is_visible()
    assert page.locator("figure img").first.is_visible()
    assert not page.locator(".live").is_visible()
    page.get_by_text("88 more errors").click()
    assert page.locator("figure").nth(99).is_visible()
    context.close()


def test_printed_page_is_light_and_unfolded(browser: Any, full: Path) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto(full.as_uri())
    page.emulate_media(media="print", color_scheme="dark")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == "rgb(255, 255, 255)"
    assert len(page.pdf()) > 10_000
    page.close()
