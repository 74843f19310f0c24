"""The page in a real browser, with the embedded model behind it; SUMMAE_SCREENSHOTS names a folder to look into."""

from __future__ import annotations

import os
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from browsing import Browser
from handmade import pdf
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from serving import FakeSummarizer, live, until

from summae.explanation.attribution import explain
from summae.explanation.heat import SHADES, shade
from summae.serve.limits import Limits
from summae.serve.messages import SummaryOptions
from summae.summarizing.summarizer import Summarizer, Summary

EXPLAIN = "summae.explanation.attribution.explain"

TEXT = (Path(__file__).parents[1] / "examples" / "news.txt").read_text(encoding="utf-8").strip()
SHORT = SummaryOptions(length="short").wanted_length()


@pytest.fixture(scope="module")
def model():
    return Summarizer.load(backend="onnx")


@pytest.fixture(scope="module")
def address(model):
    with live(model) as port:
        yield f"http://localhost:{port}/"


@pytest.fixture(scope="module")
def chromium():
    made = Browser()
    yield made
    made.driver.quit()


@pytest.fixture
def page(chromium, address, request, tmp_path):
    """Opened anew for every test; its last state is kept as a picture."""
    chromium.open(address)
    yield chromium
    folder = Path(os.environ.get("SUMMAE_SCREENSHOTS", tmp_path))
    chromium.driver.save_screenshot(str(folder / f"{request.node.name}.png"))
    expected = "Failed to load resource"  # what Chromium says of every refusal
    assert [each for each in chromium.complaints() if expected not in each] == []


def paste(page: Browser, text: str) -> None:
    page.clipboard(text)
    page["text"].send_keys(Keys.CONTROL, "v")


def summarise(page: Browser, text: str = TEXT) -> None:
    paste(page, text)
    page["go"].click()
    page.until(lambda: page["heat"].is_displayed())


def shaded(page: Browser) -> list[str]:
    return [word.text for word in page.all("#heat b[class^=h]")]


def kept(model: Summarizer, text: str, summary: str) -> list[str]:
    tokens = explain(model, text, summary).to_dict()["tokens"]  # rounded as the page gets them
    return [text[each["start"] : each["end"]] for each in tokens if each["bits"] >= SHADES[0]]


def contrast(page: Browser, selector: str) -> float:
    """WCAG's contrast of the text and the background of the first element found; 4.5 is readable."""
    script = """
        let node = document.querySelector(arguments[0]);
        const ink = getComputedStyle(node).color;
        while (/rgba\\(.*, 0\\)|transparent/.test(getComputedStyle(node).backgroundColor)) node = node.parentElement;
        return [ink, getComputedStyle(node).backgroundColor];"""
    light = [_luminance(colour) for colour in page.run(script, selector)]  # type: ignore[union-attr]
    return (max(light) + 0.05) / (min(light) + 0.05)


def _luminance(colour: str) -> float:
    shares = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


# -- a text and its summary ---------------------------------------------------------------------------------


def test_paste_and_summarise(page, model):
    assert page["empty"].is_displayed() and not page["found"].is_displayed()
    paste(page, TEXT)
    assert page["count"].text == f"{len(TEXT.split())} words"
    page["go"].click()
    page.until(lambda: page["heat"].is_displayed())
    expected = model.summarize([TEXT], SHORT, style="headline")[0]
    assert page["summary"].text == expected.text
    rebuilt = explain(model, TEXT, expected.text).to_dict()["coverage"]
    assert f"{round(rebuilt * 100)} % of the text" in page["kept"].text
    assert page["status"].get_attribute("textContent") == f"Summary: {expected.text}", "read out by screen readers"


def test_the_heat_map_shades_the_words_that_were_kept(page, model):
    summarise(page)
    assert page["heat"].get_attribute("textContent") == TEXT
    assert shaded(page) == kept(model, TEXT, page["summary"].text) and len(shaded(page)) > 8
    lost = [each.text for each in page.all("#heat .lost")]
    sentences = explain(model, TEXT, page["summary"].text).sentences
    assert lost == [TEXT[each.start : each.end] for each in sentences if each.lost]
    assert f"{len(lost)} of {len(sentences)} sentences are lost" in page["kept"].text
    scale = [word.value_of_css_property("background-color") for word in page.all(".scale i")]
    assert len(set(scale)) == len(SHADES)
    classes = [word.get_attribute("class") for word in page.all("#heat b[class^=h]")]
    bits = [each["bits"] for each in explain(model, TEXT, page["summary"].text).to_dict()["tokens"]]
    assert classes == [f"h{shade(each)}" for each in bits if shade(each) > 0], "as in the other heat maps"


def test_places_are_right_behind_characters_outside_the_basic_plane(page, model):
    text = f"😀 𝒜 {TEXT}"
    page.run("arguments[0].value = arguments[1]", page["text"], text)
    page["text"].send_keys(" ", Keys.CONTROL, Keys.RETURN)
    page.until(lambda: page["heat"].is_displayed())
    text = page["text"].get_property("value")
    assert page["heat"].get_attribute("textContent") == text
    assert shaded(page) == kept(model, text, page["summary"].text)


def test_words_of_the_summary_show_where_they_come_from(page, model):
    summarise(page)
    explanation = explain(model, TEXT, page["summary"].text)
    words = page.all("#summary button")
    assert [word.text for word in words] == [each.word for each in explanation.attributions]
    for word, attribution in zip(words, explanation.attributions, strict=True):
        ActionChains(page.driver).move_to_element(word).perform()
        spans = sorted(attribution.tokens)
        expected = [TEXT[explanation.tokens[place].start : explanation.tokens[place].end] for place in spans]
        assert [each.text for each in page.all("#heat .lit")] == expected
    assert any(each.tokens for each in explanation.attributions)


def test_alternatives_are_one_click_away_and_copied(page, model):
    summarise(page)
    expected = [each.text for each in model.candidates([TEXT], SHORT, count=4, style="headline")[0]]
    rows = page.all("#alternatives .says")
    assert [row.text for row in rows] == expected and len(expected) > 1
    rows[1].click()
    page.until(lambda: page["kept"].text != "Measuring what it kept…")
    assert page["summary"].text == expected[1]
    assert shaded(page) == kept(model, TEXT, expected[1])
    page["copy"].click()
    page.until(lambda: page["copy"].text == "Copied")
    assert page.clipboard() == expected[1]


@pytest.mark.parametrize("how", ["drop", "open"])
def test_a_file(page, how, tmp_path):
    path = tmp_path / "bridge.pdf"
    path.write_bytes(pdf(["The old bridge is closed to lorries.", "It will open in May."]))
    if how == "drop":
        page.drop(path)
    else:
        page["file"].send_keys(str(path))
    page.until(lambda: page["text"].get_property("value"))
    assert page["text"].get_property("value") == "The old bridge is closed to lorries.\n\nIt will open in May."
    assert not page["drop"].is_displayed()


def test_own_number_of_words(page):
    page.all("[value=words] + span")[0].click()
    page["words"].clear()
    page["words"].send_keys("5")
    summarise(page)
    assert len(page["summary"].text.split()) <= 5


def test_an_edited_text_no_longer_fits_its_summary(page):
    summarise(page)
    page["toggle"].click()
    assert page["text"].is_displayed() and page["toggle"].text == "Heat map"
    page["text"].send_keys("More.")
    assert "stale" in page["result"].get_attribute("class") and not page["toggle"].is_displayed()


# -- what goes wrong ----------------------------------------------------------------------------------------


def test_errors_stand_where_they_belong(page, tmp_path):
    page["go"].click()
    assert page["text-error"].text == "Paste a text first, or open a file."
    assert page["text"].get_attribute("aria-invalid") == "true" and page.driver.switch_to.active_element == page["text"]
    paste(page, TEXT)
    assert page["text-error"].text == "", "gone as soon as something is done about it"
    page.all("[value=words] + span")[0].click()
    page["words"].clear()
    page["go"].click()
    assert "whole number from 1" in page["words-error"].text
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 broken")
    page["file"].send_keys(str(tmp_path / "broken.pdf"))
    page.until(lambda: page["text-error"].text)
    assert page["text-error"].text.startswith("broken.pdf: damaged PDF")
    assert page["text"].get_property("value") == TEXT, "what was there stays"


def test_refusals_and_a_service_that_has_gone(chromium, tmp_path):
    fake = FakeSummarizer()
    limits = Limits(text_chars=300, queue_texts=1, list_texts=1, body_bytes=1000)
    with live(fake, limits) as port:
        chromium.open(f"http://localhost:{port}/")
        paste(chromium, "x" * 301)
        chromium["go"].click()
        chromium.until(lambda: chromium["text-error"].text)
        assert chromium["text-error"].text == "Text: at most 300 characters, got 301."
        (tmp_path / "large.txt").write_text("x" * 1001)
        chromium["file"].send_keys(str(tmp_path / "large.txt"))
        chromium.until(lambda: "large.txt" in chromium["text-error"].text)
        assert chromium["text-error"].text == "large.txt: 1,001 bytes, at most 1,000 are read."
        chromium["text"].clear()
        paste(chromium, "wait for it")
        chromium["go"].click()
        until(lambda: len(fake.calls) == 1)
        assert chromium["go"].text == "Summarising…"
        chromium.run("for (let i = 0; i < 2; i++) fetch('summarize', {method: 'POST', "
                     "headers: {'Content-Type': 'application/json'}, body: '{\"text\": \"a b c d\"}'})")  # fmt: skip
        chromium.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
        chromium.until(lambda: chromium["go"].text == "Summarise")
        assert chromium["go-error"].text == ""
        chromium["go"].click()
        chromium.until(lambda: chromium["go-error"].text)
        assert re.fullmatch(r"Too many texts are waiting; try again in \d+ s\.", chromium["go-error"].text)
        fake.gate.set()
    chromium["go"].click()
    chromium.until(lambda: "does not answer" in chromium["go-error"].text)
    chromium.complaints()


def test_alternatives_show_what_they_keep_and_how_real_they_are(chromium, monkeypatch):
    scores = {"coverage": 0.126, "realism": 0.5}
    found = [Summary(text="wide wet", scores=scores), Summary(text="wet roads", scores={"coverage": 0.3})]
    fake = FakeSummarizer(answer=found)
    nothing = dict.fromkeys(("tokens", "sentences", "rescued", "unsupported"), [])
    explanation = {**nothing, "coverage": 0.1, "coverage_bits": 1, "read": 1, "note": None}
    monkeypatch.setattr(EXPLAIN, lambda *_: SimpleNamespace(to_dict=lambda: explanation))
    with live(fake) as port:
        chromium.open(f"http://localhost:{port}/")
        summarise(chromium, "wide wet roads are slow")
        assert [each.text for each in chromium.all("#alternatives .share")] == [
            "coverage 13 %\nrealism 50 %",
            "coverage 30 %",
        ]


def test_what_the_text_does_not_have_is_marked(chromium, monkeypatch):
    """The summariser is a fake, and so is what it explains: 1931 is not in the text, and half a sentence is hot."""
    text = "wide wet roads"
    explanation = {
        "coverage": 0.25, "coverage_bits": 9, "read": 1, "note": "only a guess",
        "tokens": [{"start": 0, "end": 4, "bits": 30}, {"start": 5, "end": 8, "bits": 1}],
        "sentences": [{"start": 0, "end": 14, "coverage": 0.2, "lost": False}],
        "rescued": [{"word": word, "start": start, "end": start + 4, "tokens": [], "gains": [], "bits": 0}
                    for word, start in (("wide", 0), ("1931", 5))],
        "unsupported": [{"start": 5, "end": 9, "text": "1931"}],
    }  # fmt: skip
    monkeypatch.setattr(EXPLAIN, lambda *_: SimpleNamespace(to_dict=lambda: explanation))
    fake = FakeSummarizer(answer=[Summary(text="wide 1931", note="as it was told")])
    with live(fake) as port:
        chromium.open(f"http://localhost:{port}/")
        summarise(chromium, text)
        assert [each.text for each in chromium.all("#summary .unsupported")] == ["1931"]
        assert chromium["unsupported"].text == "Not in the text: “1931”."
        assert chromium["note"].text == "as it was told" and "(only a guess)" in chromium["kept"].text
        assert shaded(chromium) == ["wide"] and not chromium["alternatives"].is_displayed()
        monkeypatch.setattr("summae.explanation.attribution.explain", lambda *_: 1 / 0)
        chromium["go"].click()
        chromium.until(lambda: chromium["explain-error"].text)
        assert "summae failed at this" in chromium["explain-error"].text.lower()
        assert chromium["summary"].text == "wide 1931", "the summary stays"
    chromium.complaints()


# -- for everybody ------------------------------------------------------------------------------------------


def focused(page: Browser) -> str:
    """What has the keyboard: an id, or the value or text of what has none."""
    return str(page.run("const e = document.activeElement; return e.id || e.value || e.textContent.trim()"))


def press(page: Browser, *keys: str) -> str:
    ActionChains(page.driver).send_keys(*keys).perform()
    return focused(page)


def test_without_a_mouse(page, model):
    expected = [each.text for each in model.candidates([TEXT], SHORT, count=4, style="headline")[0]]
    page.clipboard(TEXT)
    assert [press(page, Keys.TAB) for _ in range(2)] == ["file", "text"]
    ActionChains(page.driver).key_down(Keys.CONTROL).send_keys("v", Keys.RETURN).key_up(Keys.CONTROL).perform()
    page.until(lambda: page["heat"].is_displayed())
    page.run("arguments[0].focus()", page["toggle"])
    first, second = expected[0].split()[:2]
    assert [press(page, Keys.TAB) for _ in range(7)] == ["file", "heat", "short", "headline", "go", "copy", first]
    outline = page.run("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "one sees where one is"
    assert press(page, Keys.ARROW_RIGHT) == second and page.all("#heat .lit")
    assert press(page, Keys.TAB) == "0", "the first alternative"
    assert press(page, Keys.ARROW_DOWN) == "1"
    page.until(lambda: page["kept"].text != "Measuring what it kept…")
    assert page["summary"].text == expected[1]
    assert press(page, Keys.ESCAPE) == "text" and page["text"].is_displayed()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_readable_in_the_light_and_in_the_dark(page, address, scheme):
    page.open(address, scheme=scheme)
    summarise(page)
    dark = _luminance(str(page.run("return getComputedStyle(document.body).backgroundColor"))) < 0.1
    assert dark == (scheme == "dark")
    shades = [f"#heat b.h{level}" for level in range(1, len(SHADES) + 1)]
    for selector in ("#summary", "#heat", "#heat .lost", "footer p", "#go", "#copy", "legend", *shades):
        assert contrast(page, selector) >= 4.5, selector
    page.run("document.getElementById('go-error').textContent = 'x'")
    assert contrast(page, "#go-error") >= 4.5
    page.run("document.getElementById('go-error').textContent = ''")


def test_a_phone(page, address):
    page.open(address, width=360, height=740)
    summarise(page, TEXT + " " + "endless" * 40)
    assert page.run("return document.documentElement.scrollWidth") == 360, "nothing to scroll sideways"
    right = "return Math.max(...[...document.querySelectorAll('main *')].map(e => e.getBoundingClientRect().right))"
    assert page.run(right) <= 360
    for button in (page["go"], page["copy"], page["toggle"], *page.all(".lengths label")):
        assert button.size["height"] >= 40, "a finger finds it"
    page.run("document.getElementById('result').scrollIntoView()")


def test_no_request_to_any_other_host(page, address):
    page.requests()
    page.open(address)
    summarise(page)
    asked = page.requests()
    assert f"{address}summarize" in asked and f"{address}page/heat.js" in asked
    assert [each for each in asked if not each.startswith(address)] == []


def test_everything_has_a_name(page):
    """Every field and button says what it is to those who do not see it: Chromium's accessibility tree."""
    summarise(page)
    nodes = page.command("Accessibility.getFullAXTree")["nodes"]
    roles = ("button", "textbox", "radio", "spinbutton", "link", "group", "region", "radiogroup")
    shown = [each for each in nodes if not each["ignored"] and each["role"]["value"] in roles]
    assert len(shown) > 20 and [each for each in shown if not each["name"]["value"]] == []
    assert page.driver.find_element(By.TAG_NAME, "html").get_attribute("lang") == "en"
