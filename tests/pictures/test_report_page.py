"""The report, opened and used in headless Chromium: by mouse, by keyboard, in the dark."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pictures.programs import compiled, long_program

from bellwire.compiler.ebit_totals import by_link
from bellwire.compiler.ebit_uses import ebit_uses
from bellwire.pictures.colours import THEME
from bellwire.pictures.report import report_page

EBITS = compiled().program.count("ebit")

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
DRIVER = shutil.which("chromedriver")

if BROWSER is None or DRIVER is None:
    pytest.skip(
        "no Chromium and chromedriver here: apt-get install chromium chromium-driver",
        allow_module_level=True,
    )
pytest.importorskip("selenium", reason="selenium is not installed: pip install '.[test]'")


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.add_argument("--window-size=1280,1400")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield started
    started.quit()


def _open(driver: Any, path: Path, page: str) -> Any:
    from selenium.webdriver.support.ui import WebDriverWait

    path.write_text(page, encoding="utf-8")
    driver.get(path.as_uri())
    ready = "return document.documentElement.dataset.ready === 'yes'"
    WebDriverWait(driver, 60).until(lambda d: d.execute_script(ready))
    _drawn(driver)
    return driver


def _drawn(driver: Any) -> None:
    """Wait until what has changed is drawn."""
    driver.execute_async_script(
        "requestAnimationFrame(() => requestAnimationFrame(arguments[arguments.length - 1]))"
    )


def _errors(driver: Any) -> list[Any]:
    return [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]


def _text(driver: Any, id_: str) -> str:
    return driver.find_element("id", id_).text


def _column(driver: Any, number: int) -> list[str]:
    cells = driver.find_elements("css selector", f"tr[data-k] td:nth-child({number})")
    return [cell.text for cell in cells]


@pytest.fixture
def page(driver: Any, tmp_path: Path) -> Any:
    return _open(driver, tmp_path / "r.html", report_page(compiled().program, compiled().machine))


def test_it_opens_without_complaints_and_asks_for_nothing(page: Any) -> None:
    assert _errors(page) == []
    assert page.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert _text(page, "count") == f"{EBITS} of {EBITS} e-bits"
    arcs = page.find_element("id", "operations").get_attribute("data-arcs")
    assert int(arcs) == len(ebit_uses(compiled().program))


def test_buttons_zoom_and_move(page: Any) -> None:
    everything = _text(page, "shown")
    seen = [everything]
    for button in ("in", "right", "left", "out", "all"):
        page.find_element("id", button).click()
        _drawn(page)
        seen.append(_text(page, "shown"))
    assert seen[-1] == everything
    assert len(set(seen[:3])) == 3
    assert seen[3] == seen[1]


def test_the_keyboard_reaches_all_of_it(page: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    everything = _text(page, "shown")
    canvas = page.find_element("id", "operations")
    canvas.send_keys("n")
    assert _text(page, "status").startswith("0: ")
    canvas.send_keys("nn")
    first = _text(page, "status")
    canvas.send_keys("p", "n")
    assert _text(page, "status") == first
    canvas.send_keys("+", "+", Keys.ARROW_RIGHT)
    _drawn(page)
    assert _text(page, "shown") != everything
    canvas.send_keys("0")
    _drawn(page)
    assert _text(page, "shown") == everything
    table = page.find_element("id", "scroll")
    table.send_keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    chosen = page.find_elements("css selector", "tr[aria-selected=true] td")
    assert chosen[0].text == "2"
    table.send_keys(Keys.ENTER)
    assert _text(page, "status").startswith(f"{_column(page, 2)[1]}: ebit")
    names = page.execute_script(
        "return [...document.querySelectorAll('button,input,canvas,[tabindex]')].map("
        "e => e.getAttribute('aria-label') || e.textContent || e.labels?.[0]?.textContent)"
    )
    assert all(names)


def test_hovering_says_what_is_there(page: Any) -> None:
    from selenium.webdriver import ActionChains

    canvas = page.find_element("id", "operations")
    page.execute_script("arguments[0].scrollIntoView()", canvas)
    width = canvas.size["width"]
    for y in range(-60, 60, 6):
        ActionChains(page).move_to_element_with_offset(canvas, -width // 2 + 150, y).perform()
        if _text(page, "status").strip():
            break
    assert ": ebit A_comm" in _text(page, "status")
    assert "0 ns to 10 us" in _text(page, "status")


def test_the_table_sorts_and_filters(page: Any) -> None:
    head = page.find_elements("css selector", "#head button")[5]
    head.click()
    gates = [int(text) for text in _column(page, 6)]
    assert gates == sorted(gates)
    head.click()
    assert [int(text) for text in _column(page, 6)] == sorted(gates, reverse=True)
    page.find_element("id", "filter").send_keys("A-B")
    expected = by_link(ebit_uses(compiled().program))["A-B"]
    assert _text(page, "count") == f"{expected} of {EBITS} e-bits"
    assert set(_column(page, 3)) == {"A-B"}
    page.find_element("css selector", "tr[data-k]").click()
    assert ": ebit " in _text(page, "status")


def test_it_is_dark_in_the_dark(page: Any) -> None:
    def colours(theme: str) -> tuple[str, Any]:
        features = [{"name": "prefers-color-scheme", "value": theme}]
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        _drawn(page)
        body = page.execute_script("return getComputedStyle(document.body).backgroundColor")
        pixel = page.execute_script(
            "return [...document.getElementById('operations').getContext('2d')"
            ".getImageData(60, 2, 1, 1).data].slice(0, 3)"
        )
        return body, pixel

    for k, theme in enumerate(("light", "dark")):
        paper = [int(THEME["paper"][k][i : i + 2], 16) for i in (1, 3, 5)]
        assert colours(theme) == (f"rgb({', '.join(map(str, paper))})", paper)


def test_a_hundred_thousand_operations_are_usable(driver: Any, tmp_path: Path) -> None:
    page = _open(driver, tmp_path / "big.html", report_page(*long_program(12_500, modules=5)))
    assert _text(page, "count") == "12,500 of 12,500 e-bits"
    assert len(_column(page, 1)) < 60
    page.execute_script("document.getElementById('scroll').scrollTop = 1e6")
    _drawn(page)
    assert "12500" in _column(page, 1)
    assert page.execute_script("return document.querySelectorAll('*').length") < 3_000
    canvas = page.find_element("id", "operations")
    canvas.send_keys("+" * 12)
    _drawn(page)
    assert 0 < int(canvas.get_attribute("data-arcs")) < 10
    page.find_element("id", "filter").send_keys("line 12499")
    assert _text(page, "count") == "1 of 12,500 e-bits"
    assert _errors(page) == []
