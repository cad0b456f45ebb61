"""The slider in a real browser: it begins in the middle and the keyboard moves its edge."""

import shutil
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from projects.neural_style_transfer.slider import CSS, NARROWEST, slider

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
EDGE = """() => {
  const box = document.querySelector(".slider"), edge = box.querySelector(".edge");
  const at = edge.getBoundingClientRect(), around = box.getBoundingClientRect();
  return (at.left + at.width / 2 - around.left) / around.width;
}"""


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        white = np.full((40, 60, 3), 255, np.uint8)
        html = CSS + slider(white, np.zeros_like(white), "a title", "a word")
        opened = browser.new_page(viewport={"width": 400, "height": 500})
        opened.set_content(f"<style>:root{{--accent:#f00;--line:#ccc}}</style>{html}")
        opened.wait_for_timeout(800)
        yield opened
        browser.close()


def test_the_edge_begins_in_the_middle(page: Any) -> None:
    assert page.evaluate(EDGE) == pytest.approx(0.5, abs=0.03)


def test_arrow_keys_move_the_edge(page: Any) -> None:
    page.focus(".slider")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    right = page.evaluate(EDGE)
    assert right < 0.45
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(500)
    assert page.evaluate(EDGE) > right


def test_a_small_picture_is_enlarged_and_its_caption_has_room(page: Any) -> None:
    small = np.zeros((20, 30, 3), np.uint8)
    words = "drawn scenes in a painted style: nearest to its style"
    page.set_content(f'{CSS}<div class="sliders">{slider(small, small, words, "a word")}</div>')
    box, caption = (page.locator(one).bounding_box() for one in (".slider", "figcaption"))
    assert box["width"] == NARROWEST
    assert box["height"] > 0.6 * NARROWEST
    assert caption["width"] > NARROWEST
