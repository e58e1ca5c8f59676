"""Headless Chromium with the dashboard in it."""

import re
import shutil

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from harness.waiting import eventually

WAIT_SECONDS = 15
DESKTOP = (1440, 1000)
PHONE = (390, 844)


class Browser:
    """One window. What its console complains of is kept for `complaints`."""

    def __init__(self, profile):
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
                         "--hide-scrollbars", "--lang=en-GB", f"--user-data-dir={profile}",
                         "--disable-background-networking", "--disable-component-update", "--no-first-run"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        self.driver.set_page_load_timeout(30)
        self._console = []
        self.size(*DESKTOP)

    def start(self):
        return self

    def stop(self):
        self.driver.quit()

    # The window.

    def size(self, width, height, mobile=False):
        """The viewport, to the pixel."""
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 2 if mobile else 1, "mobile": mobile})

    def prefer(self, **features):
        """Media features, such as `prefers_color_scheme="dark"`."""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": key.replace("_", "-"), "value": value} for key, value in features.items()]})

    def open(self, url):
        self.driver.get(url)
        return self

    def picture(self, path):
        self.driver.save_screenshot(str(path))

    # What is in it.

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        """What is seen of it, its lines in one; empty where it is not there."""
        found = self.run("const one = document.querySelector(arguments[0]); return one ? one.innerText : ''", selector)
        return " ".join(found.split())

    def wait(self, condition, what):
        def holds():
            try:
                return condition()
            except WebDriverException as error:  # A page may just be going, and its elements with it.
                raise AssertionError(error.msg) from error

        return eventually(holds, what, WAIT_SECONDS)

    def wait_for_text(self, selector, text):
        self.wait(lambda: text in self.text(selector), f"“{text}” in {selector}")

    def wait_until_live(self):
        self.wait(lambda: self.find("#connection").get_attribute("data-state") == "live", "the page is live")

    def click(self, selector):
        self.find(selector).click()

    def type(self, selector, text):
        field = self.find(selector)
        field.clear()
        field.send_keys(text)

    def press(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    @property
    def focused(self):
        """A word for what has the focus: its id, or its label, or its text."""
        return self.run("const one = document.activeElement; "
                        "return one.id || one.getAttribute('aria-label') || one.textContent.trim() || one.tagName")

    # What it says of itself.

    @property
    def complaints(self):
        """What the console has said so far at the level of a warning or worse."""
        self._console += self.driver.get_log("browser")
        return [entry["message"] for entry in self._console if entry["level"] in ("SEVERE", "WARNING")]

    @property
    def hosts(self):
        """The hosts that it has sent requests to, with their ports."""
        text = "\n".join(entry["message"] for entry in self.driver.get_log("performance")
                         if '"Network.requestWillBeSent"' in entry["message"])
        return set(re.findall(r'"url":"(?:https?|wss?)://([^/"]+)', text))


__all__ = ["Browser", "DESKTOP", "Keys", "PHONE"]
