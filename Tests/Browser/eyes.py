"""What holds of every page that somebody looks at."""

import os
import pathlib
import re

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By

TAGS = {"zh": "zh-Hans", "vi": "vi", "en": "en"}
# Seen once for each kind of page and language: a run looks at a page of a kind many times.
_examined = set()

# The page's own words: what is no data. Data has translate="no", or stands in an input.
_OWN_WORDS = """
const skip = new Set(["SCRIPT", "STYLE", "TEMPLATE", "TEXTAREA", "OPTION"]);
const words = [];
const walk = (node) => {
  if (node.nodeType === 3) return void words.push(node.data);
  if (node.nodeType !== 1 || skip.has(node.tagName) || node.translate === false) return;
  if (node.lang && node !== document.documentElement) return;
  node.childNodes.forEach(walk);
};
walk(document.body);
return words.join(" ");
"""

_AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"], rules: {"region": {enabled: true}}}).then(
  (found) => done(found.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`)),
  (error) => done([`axe: ${error}`]));
"""


class Failed(Exception):
    """What somebody expected to see and did not."""


def axe():
    """axe-core's text; None where nobody has named it."""
    path = os.environ.get("AXE_CORE")
    return pathlib.Path(path).read_text(encoding="utf-8") if path else None


class Eyes:
    _axe = axe()

    def __init__(self, person):
        self.person = person
        # Words of data that stand in the page's own text where no mark is possible.
        self.known = set()

    @property
    def _driver(self):
        return self.person.driver

    def _fail(self, what):
        raise Failed(f"{self.person.name}: {self.person.path}: {what}")

    def look(self):
        person = self.person
        if not self._driver.current_url.startswith(person.base):
            return
        html = self._driver.find_element(By.TAG_NAME, "html")
        if html.get_attribute("lang") != TAGS[person.language]:
            self._fail(f"is in {html.get_attribute('lang')!r}, not {TAGS[person.language]!r}\n{person.text}")
        if person.say("app.name") not in self._driver.title:
            self._fail(f"has the title {self._driver.title!r}")
        text = person.text
        for word in set(re.findall(r"\b[a-zA-Z]+(?:\.[a-zA-Z_-]+)+\b", text)):
            if word in person.texts:
                self._fail(f"the raw key {word}")
        if re.search(r"\{[a-z]+\}", text):
            self._fail(f"a slot that nobody filled: {re.search(r'.*{[a-z]+}.*', text).group()}")
        self.look_at_width()
        self._console()
        self._examine()

    def look_at_width(self):
        size = self.person.command("Page.getLayoutMetrics")
        if size["cssContentSize"]["width"] > size["cssLayoutViewport"]["clientWidth"]:
            self._fail(f"is {size['cssContentSize']['width']} px wide")

    def forget(self):
        """What the browser's console has said was expected."""
        self._driver.get_log("browser")

    def _console(self):
        for entry in self._driver.get_log("browser"):
            # A page that is answered 4xx is told there too.
            if entry["level"] == "SEVERE" and "Failed to load resource" not in entry["message"]:
                self._fail(f"on the console: {entry['message']}")

    def _examine(self):
        """What takes longer: once for each kind of page."""
        person = self.person
        path = re.sub(r"\?.*", "", person.path)
        kind = (re.sub(r"/[^/]*\d[^/]*", "/#", path), self._heading(), person.language, person.dialogs)
        if kind in _examined:
            return
        _examined.add(kind)
        self._structure()
        self._words()
        self.examine_access()

    def _heading(self):
        # In one step: a page that follows its batch is written anew at any time.
        text = self._driver.execute_script("return [...document.querySelectorAll('h1')].at(-1)?.innerText ?? ''")
        return re.sub(r"\d+", "#", text)

    def _structure(self):
        if not self.person.dialogs and len(self._driver.find_elements(By.TAG_NAME, "h1")) != 1:
            self._fail("not one h1")
        double = self._driver.execute_script(
            "const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);"
            "return ids.filter((id, place) => ids.indexOf(id) !== place);")
        if double:
            self._fail(f"ids that stand there twice: {double}")

    def _words(self):
        words = self._driver.execute_script(_OWN_WORDS)
        for known in self.known:
            words = words.replace(known, "")
        if self.person.language != "zh":
            han = re.search(r".{0,30}[\u3400-\u9fff]+.{0,30}", words)
            if han:
                self._fail(f"Chinese in {self.person.language}: {han.group().strip()!r}")

    def examine_access(self):
        """axe-core, where it is there; without scripts of the page's own there are no timers for it either."""
        if not self._axe or not self.person.has_script:
            return
        try:
            self._driver.execute_script(self._axe + "\nwindow.axe = axe;")
            found = self._driver.execute_async_script(_AXE)
        except WebDriverException as error:
            self._fail(f"axe-core did not run: {error}")
        if found:
            self._fail("axe-core:\n  " + "\n  ".join(found))

    def sees_focus(self, element):
        """Whoever has no mouse must see where he is."""
        shown = self._driver.execute_script(
            "const one = arguments[0], style = getComputedStyle(one), around = getComputedStyle(one.closest('label') ?? one);"
            "return style.outlineStyle !== 'none' || around.outlineStyle !== 'none';", element)
        if not shown:
            self._fail(f"no focus is seen on {element.get_attribute('outerHTML')[:160]}")
