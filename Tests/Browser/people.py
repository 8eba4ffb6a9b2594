"""A person in front of a browser: finds things by what stands on the page in the person's language, and works as people do: with a
mouse or with the keyboard alone, with scripts or without, on a wide screen or a phone."""

import base64
import json
import pathlib
import re
import tempfile
import time

from eyes import Failed, Eyes
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
TAGS = {"zh": "zh-Hans", "vi": "vi", "en": "en"}
WAIT = 20.0
PAUSE = 0.04
MOST_TABS = 400


def texts(language):
    with open(REPOSITORY / "Shared" / "Texts" / f"{language}.json", encoding="utf-8") as file:
        return json.load(file)


def quoted(text):
    """A text for XPath, which has no escapes."""
    if '"' not in text:
        return f'"{text}"'
    return "concat(" + ", '\"', ".join(f'"{part}"' for part in text.split('"')) + ")"


class Person:
    """One person with a browser of his own: cookies are not shared with others.

    `hand`: "mouse", or "keys": everything is reached by Tab and done by Enter, blank and arrows."""

    def __init__(self, name, language, base, width=1280, has_script=True, hand="mouse"):
        self.name, self.language, self.base = name, language, base.rstrip("/")
        self.width, self.has_script, self.hand = width, has_script, hand
        self.texts = texts(language)
        self.downloads = pathlib.Path(tempfile.mkdtemp(prefix="downloads-"))
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for argument in [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions", "--disable-sync",
            "--disable-background-networking", "--no-first-run", "--disable-component-update", "--mute-audio", f"--lang={language}",
        ]:
            options.add_argument(argument)
        preferences = {
            "intl.accept_languages": TAGS[language], "plugins.always_open_pdf_externally": True,
            "download.default_directory": str(self.downloads), "profile.password_manager_leak_detection": False,
            "credentials_enable_service": False,
        }
        if not has_script:
            preferences["profile.managed_default_content_settings.javascript"] = 2
        options.add_experimental_option("prefs", preferences)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.driver.set_page_load_timeout(60)
        self.set_width(width)
        self.eyes = Eyes(self)

    def command(self, name, **parameters):
        return self.driver.execute_cdp_cmd(name, parameters)

    def set_width(self, width):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600)

    def prefer(self, colour):
        """`light` or `dark`."""
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": colour}])

    def picture(self, path):
        """Of the whole page."""
        shot = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def close(self):
        self.driver.quit()

    def look(self):
        self.eyes.look()

    # What is done

    def say(self, key, count=None, **values):
        """A text of the person's language, with its slots filled; `count` chooses the plural."""
        if count is not None:
            key = f"{key}_one" if self.language == "en" and count == 1 else f"{key}_other"
            values["count"] = f"{count:,}".replace(",", "." if self.language == "vi" else ",")
        text = self.texts[key]
        for name, value in values.items():
            text = text.replace("{" + name + "}", str(value))
        return text

    def open(self, path):
        self.driver.get(path if path.startswith("http") else self.base + path)
        self.look()

    def back(self):
        self.driver.back()
        self.look()

    def reload(self):
        """As the key does it: a page that came by POST is asked for by POST again."""
        page = self.page
        self.command("Page.reload")
        self.leave(page)
        self.look()

    def fill(self, key, value):
        """Types into the field with the label of this key."""
        self.type_into(self.labelled(key), value)

    def type_into(self, field, value):
        self.reach(field)
        field.clear() if self.hand == "mouse" else field.send_keys(Keys.CONTROL + "a", Keys.DELETE)
        if value:
            field.send_keys(value)

    def fill_all(self, **values):
        """By the names of texts below `field.`."""
        for name, value in values.items():
            self.fill(f"field.{name}", value)

    def choose(self, key, key_of_option):
        self.choose_text(key, self.say(key_of_option))

    def choose_text(self, key, wanted):
        """Chooses among few by the option's text."""
        field = self.labelled(key)
        options = field.find_elements(By.TAG_NAME, "option")
        names = [option.text.strip() for option in options]
        if wanted not in names:
            raise Failed(f"{self.name}: no choice {wanted!r} in {self.say(key)!r}: {names}")
        self.pick(field, options, names.index(wanted))

    def pick(self, field, options, place):
        if self.hand == "mouse":
            options[place].click()
            return
        self.reach(field)
        field.send_keys(Keys.HOME, *[Keys.DOWN] * place)
        if not options[place].is_selected():
            raise Failed(f"{self.name}: the keys chose another than {options[place].text!r}")

    def choose_language(self, language):
        """Chooses the language of a new account in its form."""
        field = self.found(By.CSS_SELECTOR, "main select[name=language]")
        options = field.find_elements(By.TAG_NAME, "option")
        self.pick(field, options, [option.get_attribute("value") for option in options].index(language))

    def tick(self, text, on=True):
        """A box, or one of several, by its label's text or its name."""
        self.steady(lambda: self.tick_once(text, on))

    def steady(self, act):
        """A row that is replaced by a newer one while a hand is on its way is looked for again."""
        for left in (2, 1, 0):
            try:
                return act()
            except StaleElementReferenceException:
                if not left:
                    raise

    def tick_once(self, text, on):
        name = quoted(text)
        box = self.found_any(
            f"{self.scope}//input[@id={self.scope}//label[contains(normalize-space(.), {name})]/@for]",
            f"{self.scope}//label[contains(normalize-space(.), {name})]//input", f"{self.scope}//input[@aria-label={name}]")
        if box.is_selected() == on:
            return
        if self.hand == "mouse":
            self.click(box)
        else:
            self.reach(box, group=box.get_attribute("type") == "radio")
            if not box.is_selected():
                box.send_keys(Keys.SPACE)
        if box.is_selected() != on:
            raise Failed(f"{self.name}: {text!r} is not {'ticked' if on else 'unticked'}")

    def unfold(self, text):
        """Opens what is folded."""
        self.activate(self.found_any(f"{self.scope}//summary[normalize-space(.)={quoted(text)}]"))

    def press(self, key, count=None, **values):
        """Presses the button or follows the link with this text in the page's main part, or in the dialog that is open."""
        self.press_text(self.say(key, count, **values))

    def press_text(self, text):
        name = quoted(text)
        self.press_found(f"{self.scope}//*[self::button or self::a][normalize-space(.)={name} or @aria-label={name}]")

    def press_anywhere(self, key):
        """In the bars too; on a phone the menu is opened for it."""
        self.press_text_anywhere(self.say(key))

    def press_text_anywhere(self, text):
        path = f"//*[self::button or self::a][normalize-space(.)={quoted(text)}]"
        if not any(element.is_displayed() for element in self.driver.find_elements(By.XPATH, path)):
            self.activate(self.found(By.CSS_SELECTOR, ".bar > .menu"))
        self.press_found(path)

    def press_found(self, path):
        self.go(lambda: self.steady(lambda: self.activate(self.found_any(path))))

    def go(self, act):
        """Does what leads to another page or opens a dialog, and looks at it."""
        page, before = self.page, self.dialogs
        act()
        self.leave(page, before)
        self.look()

    def activate(self, element):
        """A click, or Enter on what has the focus."""
        if self.hand == "mouse":
            self.click(element)
            return
        self.reach(element)
        element.send_keys(Keys.ENTER)

    def click(self, element):
        """A person scrolls until nothing lies over it."""
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def reach(self, element, group=False):
        """By Tab, as somebody without a mouse does; what has the focus must be seen to have it.

        `group`: of radio buttons, of which Tab reaches one and arrows the others."""
        if self.hand == "mouse":
            return
        for _ in range(MOST_TABS):
            active = self.driver.switch_to.active_element
            if active == element:
                self.eyes.sees_focus(element)
                return
            inside = group and active.get_attribute("name") == element.get_attribute("name") and active.get_attribute("type") == "radio"
            ActionChains(self.driver, duration=0).send_keys(Keys.DOWN if inside else Keys.TAB).perform()
        raise Failed(f"{self.name}: Tab does not reach {element.get_attribute('outerHTML')[:200]} on {self.path}")

    def leave(self, page, dialogs=0):
        """Waits until the page is another one, or a dialog is open that was not."""
        end = time.monotonic() + WAIT
        while time.monotonic() < end:
            try:
                page.is_enabled()
                if self.dialogs > dialogs:
                    return
            except WebDriverException:
                return
            time.sleep(PAUSE)
        raise Failed(f"{self.name}: the page stayed as it was: {self.path}\n{self.text}")

    def new_window(self, act):
        """Does what opens a page in another tab, and goes there; `back_to_first` comes back."""
        before = set(self.driver.window_handles)
        act()
        end = time.monotonic() + WAIT
        while not set(self.driver.window_handles) - before:
            if time.monotonic() > end:
                raise Failed(f"{self.name}: no other tab was opened on {self.path}")
            time.sleep(PAUSE)
        self.driver.switch_to.window((set(self.driver.window_handles) - before).pop())

    def back_to_first(self):
        for handle in self.driver.window_handles[1:]:
            self.driver.switch_to.window(handle)
            self.driver.close()
        self.driver.switch_to.window(self.driver.window_handles[0])

    # What is seen

    @property
    def scope(self):
        return "//dialog[@open]" if self.dialogs else "//main"

    @property
    def dialogs(self):
        try:
            return len(self.driver.find_elements(By.CSS_SELECTOR, "dialog[open]"))
        except WebDriverException:
            return 0

    @property
    def page(self):
        return self.driver.find_element(By.TAG_NAME, "html")

    def found(self, by, what):
        end = time.monotonic() + WAIT
        while True:
            try:
                for element in self.driver.find_elements(by, what):
                    if element.is_displayed():
                        return element
            except StaleElementReferenceException:
                pass
            if time.monotonic() > end:
                raise Failed(f"{self.name}: there is no {what} on {self.path}, which says:\n{self.text}")
            time.sleep(PAUSE)

    def found_any(self, *paths):
        return self.found(By.XPATH, " | ".join(paths))

    def labelled(self, key):
        wanted = quoted(self.say(key))
        label = self.found_any(
            f"{self.scope}//label[normalize-space(.)={wanted}]",
            f"{self.scope}//label[starts-with(normalize-space(.), {wanted}) and span[@class='mark']]")
        return self.driver.find_element(By.ID, label.get_attribute("for"))

    @property
    def path(self):
        return self.driver.current_url[len(self.base):] or "/"

    @property
    def text(self):
        for _ in range(20):
            try:
                return self.driver.find_element(By.TAG_NAME, "body").text
            except WebDriverException:
                time.sleep(PAUSE)
        return ""

    def sees(self, text, reload=False):
        """Waits for a text; `reload`: asks for the page again meanwhile, where it does not follow what happens."""
        end = time.monotonic() + WAIT
        while text not in self.text:
            if time.monotonic() > end:
                raise Failed(f"{self.name}: expected {text!r} on {self.path}, which says:\n{self.text}")
            time.sleep(PAUSE if not reload else 0.3)
            if reload:
                self.driver.get(self.driver.current_url)

    def sees_not(self, text):
        if text in self.text:
            raise Failed(f"{self.name}: {text!r} stands on {self.path}:\n{self.text}")

    def heading(self):
        return self.found(By.TAG_NAME, "h1").text

    def is_at(self, path, title=None):
        end = time.monotonic() + WAIT
        while not re.fullmatch(path, self.path):
            if time.monotonic() > end:
                raise Failed(f"{self.name}: expected {path}, is at {self.path}, which says:\n{self.text}")
            time.sleep(PAUSE)
        if title is not None and self.heading() != title:
            raise Failed(f"{self.name}: expected the heading {title!r} at {self.path}, not {self.heading()!r}")

    def leave_evidence(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            self.driver.save_screenshot(str(folder / f"{self.name}.png"))
            (folder / f"{self.name}.html").write_text(self.driver.page_source, encoding="utf-8")
        except WebDriverException as error:
            (folder / f"{self.name}.txt").write_text(str(error), encoding="utf-8")
