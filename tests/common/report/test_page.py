import re
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest
from markupsafe import Markup, escape
from sample import ANIMALS, card, confusion, estimate, sample_content, sparse_content

from common.report.content import Card, Part
from common.report.page import MOST_BYTES, render

HOSTILE = "</title></script><script>alert(1)</script>"
CODE_WORDS = {"name", "status", "before", "after", "method", "gap"}


class Tags(HTMLParser):
    """Collects headings, unclosed tags and what the page would load."""

    VOID = frozenset({"meta", "link", "img", "input", "br", "source"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.headings: list[str] = []
        self.ids: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.addresses += [found[key] or "" for key in ("src", "href") if key in found]
        self.ids += [found["id"] or ""] if "id" in found else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["h2"]:
            self.headings.append(data)


@pytest.fixture(scope="module")
def full() -> str:
    return render(sample_content())


def test_sections_come_in_order(full: str) -> None:
    assert Tags(full).headings == [
        "What to do next",
        "Where the error comes from",
        "Slices that do worse",
        "What is taken for what",
        "Error sheet: 100 of 288 dev errors, at random",
        "Nearest training pictures",
        "Curves",
        "Exported",
        "Data",
        "Provenance",
    ]


def test_a_part_that_leads_comes_before_the_gaps() -> None:
    parts = (Part("Table", Markup("<p>t</p>")), Part("Pictures", Markup("<p>p</p>"), leads=True))
    tags = Tags(render(sample_content(parts=parts)))
    assert tags.headings[:3] == [
        "What to do next",
        "Pictures",
        "Where the error comes from",
    ]
    assert tags.headings.index("Table") == tags.headings.index("Curves") - 1
    assert {"#lead-1", "#part-1"} <= set(tags.addresses)


def test_where_there_is_no_truth_none_can_be_wrong(full: str) -> None:
    assert full.count('data-tag="2"') == 100
    page = render(sample_content(has_truth=False, graded=True, confident_errors=()))
    assert "label wrong" not in page
    assert "Wrong labels" not in page
    assert "Error sheet: 100 of 288 dev units, at random" in page


def test_what_was_not_tested_is_said() -> None:
    empty = sample_content().slices.head(0)
    said = "Not tested: 4 values."
    page = render(sample_content(slices=empty, slices_tested=21, slices_untested=said))
    assert "None of the 21 slices of dev that were tested does worse" in page
    assert said in page
    assert said in render(sample_content(slices_untested=said))
    page = render(sample_content(slices=empty, slices_untested=said))
    assert "No slice of dev could be tested." in page


def test_page_is_whole_and_points_nowhere_outside(full: str) -> None:
    tags = Tags(full)
    assert tags.open == []
    assert len(tags.ids) == len(set(tags.ids))
    assert all(address.startswith(("data:", "#")) for address in tags.addresses)
    links = {address[1:] for address in tags.addresses if address.startswith("#")}
    assert links <= set(tags.ids)
    assert "localStorage" not in full


def test_headline_intervals_and_pills_are_said(full: str) -> None:
    text = re.sub(r"<[^>]+>", "", full).replace("\u00a0", " ")
    assert "95 % interval 10.8 to 13.4" in text
    assert "logistic regression on pixels: 27.3 %" in text
    assert "latency p95 ms ≤ 20: holds, 8.1 (7.9 to 8.4)" in re.sub(r"\s+", " ", text)
    assert "1,300 more units would settle it" in text
    assert "at most −5.7 points" in text
    assert "<b>data mismatch</b>" in full


def test_a_sparse_report_says_what_it_lacks() -> None:
    page = render(sparse_content())
    assert Tags(page).open == []
    for said in ("unknown", "Not one error on dev", "No slice of dev", "One epoch", "Nothing was"):
        assert said in page
    assert "<h2>Data</h2>" not in page


def hostile(value: Any, field: str = "") -> Any:
    """The value with every text in it replaced by a hostile one."""
    if isinstance(value, Markup) or field in CODE_WORDS:
        return value
    if isinstance(value, str):
        return HOSTILE
    if is_dataclass(value) and not isinstance(value, type):
        changes = {f.name: hostile(getattr(value, f.name), f.name) for f in fields(value)}
        return replace(value, **changes)
    if isinstance(value, tuple):
        return tuple(hostile(item) for item in value)
    if isinstance(value, frozenset):
        return value
    if isinstance(value, dict):
        return {hostile(key): hostile(item) for key, item in value.items()}
    return value


def test_every_text_is_escaped() -> None:
    content = sample_content()
    attacked = replace(
        hostile(content),
        confusion=confusion((HOSTILE, HOSTILE + "2")),
        history=content.history.rename(columns={"loss": HOSTILE, "val_loss": "val_" + HOSTILE}),
        slices=content.slices.assign(slice=HOSTILE),
        exports=content.exports.assign(format=HOSTILE, takes=HOSTILE),
        audit_counts=pd.DataFrame({HOSTILE: [1]}, index=[HOSTILE]),
        broken=pd.DataFrame({"content": [HOSTILE], "reason": [HOSTILE]}),
    )
    page = render(attacked)
    assert "<script>alert" not in page
    assert page.count(str(escape(HOSTILE))) > 100
    assert page.count("<script>") == 1
    assert Tags(page).open == []


def test_5000_error_cards_stay_under_the_limit_with_a_note() -> None:
    media = card(0).media
    cards = tuple(
        Card(media=media, answer="cat 91 %", truth="is dog", example_id=f"id-{number}")
        for number in range(5_000)
    )
    page = render(sample_content(errors=cards, error_count=5_000, confident_errors=cards[:9]))
    kept = page.count("data-example=")
    assert 0.9 * MOST_BYTES < len(page.encode()) <= MOST_BYTES
    assert 'data-example="id-0"' in page
    assert f"{5_000 - kept:,} of 5,000 errors. What is shown is still a random sample." in page
    assert "9 of 9 sure errors" in page


def test_nothing_outgrows_the_page() -> None:
    long = "x" * 900_000
    many = tuple(f"class {number}" for number in range(300))
    content = sample_content(
        summary=long,
        notes=(long,) * 100,
        confusion=confusion(many),
        slices=pd.concat([sample_content().slices] * 2_000),
        parts=(Part("Maps", Markup(long)), Part("Sounds", Markup(long))),
        audit_lines=(long,) * 1_000,
        audit_counts=pd.DataFrame([[1] * 300], index=["train"], columns=list(many)),
        broken=pd.DataFrame({"content": ["y.jpg"] * 90_000, "reason": ["empty"] * 90_000}),
        provenance={f"{number}": long for number in range(1_000)},
    )
    page = render(content)
    assert len(page.encode()) <= MOST_BYTES
    assert "Left out to keep this page under 3 MB: Sounds." in page
    assert "commonest confusions of 300 classes" in page
    assert "and 89,970 more" in page


def test_a_file_name_that_is_no_utf8_is_shown() -> None:
    broken = pd.DataFrame({"content": ["caf\udce9.jpg"], "reason": ["empty"]}, dtype=object)
    assert "caf?.jpg" in render(sample_content(broken=broken))


def test_twenty_classes_make_a_matrix() -> None:
    page = render(sample_content(confusion=confusion(ANIMALS)))
    counts = confusion(ANIMALS)
    assert page.count('<td class="right') == 20
    assert page.count('<td class="wrong') == 380
    assert f">{counts.iloc[0, 0]}</td>" in page


def test_plain_measures_are_no_percent(full: str) -> None:
    assert "8.1 <span class='soft'>(7.9 to 8.4)</span>" in full
    measures = {"dev": {"hits": estimate(0.5, 0.4, 0.6)}}
    assert "50.0\u00a0% <span class='soft'>(40.0 to 60.0)" in render(
        sample_content(measures=measures)
    )


def test_the_same_content_gives_the_same_page(full: str) -> None:
    assert render(sample_content()) == full
