"""Debian's Chromium without a window, and what tests do with it. Nothing is downloaded."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait
from serving import PATIENCE

ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars", "--disable-gpu")


class Browser:
    """A driver and its page."""

    def __init__(self) -> None:
        chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
        if not (chromium and driver):
            missing = "needs chromium and chromedriver: apt-get install chromium chromium-driver"
            if os.environ.get("SUMMAE_NEEDS_BROWSER"):  # set where they must be there
                pytest.fail(missing)
            pytest.skip(missing)
        options = webdriver.ChromeOptions()
        options.binary_location = chromium
        for argument in ARGUMENTS:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(driver))

    def command(self, name: str, **arguments: object) -> dict:
        return self.driver.execute_cdp_cmd(name, arguments)

    def open(self, address: str, width: int = 1280, height: int = 860, scheme: str = "light") -> None:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.command("Emulation.setDeviceMetricsOverride", **size)
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"]
        self.command("Browser.grantPermissions", origin=address.rstrip("/"), permissions=permissions)
        self.driver.get(address)

    def __getitem__(self, name: str) -> WebElement:
        return self.driver.find_element(By.ID, name)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def run(self, script: str, *arguments: object) -> object:
        return self.driver.execute_script(script, *arguments)

    def until(self, true) -> None:
        WebDriverWait(self.driver, PATIENCE, poll_frequency=0.05).until(lambda _: true())

    def drop(self, path: Path) -> None:
        """A file, dragged from the desktop onto the middle of the page."""
        data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.command("Input.dispatchDragEvent", type=kind, x=400, y=400, data=data)

    def clipboard(self, text: str | None = None) -> str:
        """Its content, after ``text`` was put there if there is one."""
        script = "const done = arguments[1], text = arguments[0], board = navigator.clipboard;"
        script += "(text === null ? Promise.resolve() : board.writeText(text)).then(() => board.readText()).then(done)"
        return self.driver.execute_async_script(script, text)

    def requests(self) -> list[str]:
        """The addresses of all requests since the last time this was asked."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [each["params"]["request"]["url"] for each in events if each["method"] == "Network.requestWillBeSent"]

    def complaints(self) -> list[str]:
        """What its console says: errors of scripts, breaches of the content security policy."""
        return [entry["message"] for entry in self.driver.get_log("browser")]
