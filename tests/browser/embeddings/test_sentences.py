"""Words and sentences as points: small matrices are chosen from, and the large one follows."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser


def test_a_layer_is_chosen_and_stays_chosen_in_the_next_example(open_page: OpenPage) -> None:
    page = open_page("embeddings-context")
    view = page.locator("#embeddings-context-view")
    heading = view.locator(".likeness-one h2")
    expect(heading).to_have_text("Fill-in, layer 5: 8 of 8 stand nearest to their own kind")
    expect(view.locator(".likeness-matrix tbody tr")).to_have_count(8)
    expect(view.locator(".likeness svg g")).to_have_count(8)
    view.get_by_role("button", name="Storyteller, embedding: 0 of 8").click()
    expect(heading).to_contain_text("Storyteller, embedding: 0 of 8")
    expect(view.locator(".likeness-matrix td").nth(2)).to_have_text("1.0")
    expect(view.get_by_text("All points coincide.")).to_be_visible()
    view.get_by_role("button", name="light", exact=True).click()
    expect(heading).to_contain_text("Storyteller, embedding: 0 of 6")
    expect(view.locator(".likeness-matrix tbody tr")).to_have_count(6)


def test_own_sentences_are_read_and_a_missing_word_is_said(open_page: OpenPage) -> None:
    page = open_page("embeddings-context")
    view = page.locator("#embeddings-context-view")
    view.get_by_role("textbox", name="Sentences").fill("A <b>bank</b>.\nThe bank.\nNo river.")
    view.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("Sentence 3 does not hold the word 'bank'").first).to_be_visible()
    expect(view.locator(".likeness-matrix tbody tr")).to_have_count(8)  # what was shown stays
    view.get_by_role("textbox", name="Sentences").fill("A <b>bank</b>.\nThe bank.")
    view.get_by_role("button", name="Compare").click()
    expect(view.locator(".likeness-matrix tbody tr")).to_have_count(2)
    expect(view.locator(".likeness-matrix th span").first).to_have_text("A <b>bank</b>.")


def test_kinds_of_vectors_are_compared(open_page: OpenPage) -> None:
    page = open_page("embeddings-counting")
    view = page.locator("#embeddings-counting-view")
    heading = view.locator(".likeness-one h2")
    expect(heading).to_have_text("Weighted: 6 of 6 stand nearest to their own kind")
    view.get_by_role("button", name="TF-IDF: 0 of 6").click()
    expect(heading).to_contain_text("TF-IDF: 0 of 6")
    expect(view.locator(".likeness-matrix td:has-text('1.0')")).to_have_count(2)
    view.get_by_role("textbox", name="Sentences").fill("Zzyzx qwrtp.\nHello, world.")
    view.get_by_role("button", name="Compare").click()
    expect(view.get_by_text("left out of the averages: qwrtp, zzyzx.")).to_be_visible()
    expect(heading).to_have_text("TF-IDF")


def test_two_classifiers_learn_from_own_lines(open_page: OpenPage) -> None:
    page = open_page("embeddings-classifier")
    view = page.locator("#embeddings-classifier-view")
    expect(view.locator(".verdicts tbody tr")).to_have_count(8)
    expect(view.get_by_text("6 of 8 right")).to_be_visible()
    view.get_by_role("textbox", name="Judge").fill("sad: <i>tears</i>")
    view.get_by_role("button", name="Train and judge").click()
    expect(view.locator(".verdicts tbody tr")).to_have_count(1)
    view.get_by_role("textbox", name="Learn from").fill("a line")
    view.get_by_role("button", name="Train and judge").click()
    expect(page.get_by_text("has no label").first).to_be_visible()
    expect(view.locator(".verdicts tbody tr")).to_have_count(1)


@pytest.mark.thorough
def test_words_are_told_apart_by_whom_they_stand_near(open_page: OpenPage) -> None:
    page = open_page("embeddings-ratios")
    view = page.locator("#embeddings-ratios-view")
    expect(view.locator("h2")).to_contain_text("3 lean to ice, 4 to steam")
    points = view.locator(".ratio-place b")
    middle = view.locator(".ratio-place").first.bounding_box()
    assert middle is not None
    for point, right in ((points.first, True), (points.last, False)):  # water, hot
        box = point.bounding_box()
        assert box is not None
        assert (box["x"] + box["width"] / 2 > middle["x"] + middle["width"] / 2) is right
    view.get_by_role("textbox", name="Rather than near").fill("ICE")
    view.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("Both words are ice").first).to_be_visible()
    view.get_by_role("textbox", name="Rather than near").fill("sun")
    view.get_by_role("textbox", name="These words").fill("")
    view.get_by_role("button", name="Compare").click()
    expect(view.locator("tbody tr.one th").first).to_have_text("cream")


@pytest.mark.thorough
def test_a_window_is_moved_over_the_sentence(open_page: OpenPage) -> None:
    page = open_page("embeddings-windows")
    view = page.locator("#embeddings-windows-view")
    words, pairs = (
        view.locator(".window-words"),
        view.locator(".window-pairs section").first.locator("li"),
    )
    expect(words.locator(".centre span")).to_have_text("golden")
    expect(pairs).to_have_count(6)
    expect(words.locator(".near")).to_have_count(6)
    view.get_by_role("button", name="Step").click()
    expect(words.locator(".centre span")).to_have_text("apple")
    words.get_by_role("button", name="king").click()
    expect(pairs).to_have_count(1)
    expect(words.locator(".centre")).to_be_focused()
    expect(view.get_by_role("button", name="Back")).to_be_disabled()
    view.get_by_role("textbox", name="Sentence").fill("Of the, and to the <b>.")
    view.get_by_role("button", name="Read").click()
    expect(words.locator("s, button")).to_have_count(6)
