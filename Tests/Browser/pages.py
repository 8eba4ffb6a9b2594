"""Every page that the table of routes has (`pages.txt`), in every language: what `eyes.py` looks at, at 1280 and 320 px, light and dark.

Pages of one thing are found as people find them, by a link of another page: one to which nothing leads fails."""

import os
import pathlib
import re
import urllib.parse

from eyes import Failed
from layout import Layout
from scene import Scene
from selenium.webdriver.common.by import By
from world import OPERATOR, PASSWORD, Client

HERE = pathlib.Path(__file__).resolve().parent
LIST = HERE / "pages.txt"
# Not pages for people: rows for scripts, streams, files ("…-export"); and what a link's one-time code leads to, which journeys open.
OTHERS = {"orders-row", "factory-parcel-row", "page-stream", "page-join", "page-oidc-begin", "page-oidc-callback"}


def templates():
    """(path, name) of each."""
    return [tuple(line.split(" ")) for line in LIST.read_text(encoding="utf-8").splitlines()]


def is_page(name):
    return name not in OTHERS and not name.endswith("-export")


class Template:
    def __init__(self, text, name, shop):
        self.name, self.text = name, text.replace("{shop}", shop)
        self.is_fixed = "{" not in self.text
        pattern = re.escape(self.text).replace(r"\{", "{").replace(r"\}", "}").replace(r"\.\.\.", "...")
        pattern = re.sub(r"\{\w+\.\.\.\}", ".+", pattern)
        self.pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+", pattern))


class Pages:
    """`roots` of the pages: "m", "f", "o", or "": of everybody."""

    def __init__(self, world, roots, languages):
        self.world, self.roots, self.languages, self.people = world, roots, languages, []
        self.pictures = os.environ.get("DAIFA_BROWSER_SCREENSHOTS")

    def steps(self):
        def step(root, language):
            def look():
                self.walk(root, language)
            look.__name__ = f"pages of {root or 'everybody'} in {language}"
            return look
        return [self.prepare] + [step(root, language) for root in self.roots for language in self.languages]

    def prepare(self):
        self.scene = Scene(self.world).bind().fill()
        self.has_letter = "o" in self.roots and self.world.dead_letter()

    def visitor(self, root, language):
        if root == "m":
            return self.scene.person("merchant", language)
        if root == "f":
            return self.scene.person("factory", language)
        if root == "o":
            self.world.operator.call("PUT", "/api/v1/session", {"language": language})
            return self.world.signed_in(f"operator-{language}", language, OPERATOR)
        return self.newcomer(language)

    def newcomer(self, language):
        """Somebody who has signed up, and has not said yet what he is."""
        user = f"Minh{self.world.number()}"
        Client(self.world.base).call("POST", "/api/v1/users", {"user": user, "password": PASSWORD, "language": language})
        return self.world.signed_in(f"newcomer-{language}", language, user)

    def walk(self, root, language):
        shop = {"m": self.scene.merchant, "f": self.scene.factory}.get(root, "")
        left = [Template(text, name, shop) for text, name in templates() if self.belongs(text, root) and is_page(name)]
        person = self.visitor(root, language)
        self.people.append(person)
        everything, links = list(left), self.known(root)
        waiting = sorted((one for one in left if one.is_fixed), key=lambda one: one.text)
        left = [one for one in left if not one.is_fixed]
        seen = set()
        while waiting or (other := self.other(links, seen, everything, left)):
            if waiting:
                template = waiting.pop(0)
                path = getattr(template, "found", template.text)
                self.visit(person, path, template, language)
            else:
                # Another of its kind may lead where the first one did not: one consent waits, one is in force.
                path = other
                person.driver.get(person.base + path)
            seen.add(urllib.parse.urlsplit(path).path)
            links += [link for link in self.links(person) if link not in links]
            for one in list(left):
                one.found = next((link for link in links if self.leads(link, one, left)), None)
                if one.found:
                    left.remove(one)
                    waiting.append(one)
        # With what the links to it say: which order, which filter.
        for one in [one for one in everything if one.is_fixed]:
            full = [link for link in links if "?" in link and urllib.parse.urlsplit(link).path == one.text]
            if full:
                self.visit(person, full[0], one, language)
        if root == "o" and self.has_letter:
            self.replay(person)
        missing = [one.text for one in left if not self.is_empty(one)]
        if missing:
            raise Failed(f"{person.name}: no page leads to {', '.join(missing)}")
        self.people.remove(person)
        person.close()

    def other(self, links, seen, everything, left):
        """A page that was not seen yet, of a kind that was, as long as some kind was not; None: nothing is left to be found."""
        if all(self.is_empty(one) for one in left):
            return None
        paths = [urllib.parse.urlsplit(link).path for link in links]
        return next((path for path in paths if path not in seen and not path.endswith("/export") and any(one.pattern.fullmatch(path) for one in everything)), None)

    def replay(self, person):
        """What a service could not read it cannot read again, and says so."""
        person.open("/o/dead-letters")
        person.click(person.found(By.CSS_SELECTOR, "tbody input[type=checkbox]"))
        person.press("deadLetters.replay")
        person.sees(person.say("deadLetters.replay.follows"))
        person.press("deadLetters.replay.button", 1)
        person.is_at("/o/dead-letters.*", person.say("deadLetters.title"))

    def known(self, root):
        """What a page leads to only while a service is slow to answer."""
        client = {"m": self.scene.m, "f": self.scene.f, "o": None}.get(root)
        shop = {"m": self.scene.merchant, "f": self.scene.factory}.get(root)
        return [f"/{root}/{shop}/commands/{client.call('GET', '/api/v1/commands')['items'][0]['commandId']}"] if client else []

    def belongs(self, text, root):
        first = text.split("/")[1]
        return first == root if root else first not in ("m", "f", "o")

    def is_empty(self, template):
        """Nothing of the kind is there."""
        return template.name == "page-dead-letter" and not self.has_letter or template.text.startswith("/o/commands/")

    def leads(self, link, template, left):
        path = urllib.parse.urlsplit(link).path
        return template.pattern.fullmatch(path) and not any(path == text for text, _ in templates())

    def links(self, person):
        found = person.driver.execute_script(
            "return [...document.querySelectorAll('a[href]')].map((one) => one.href).filter((one) => one.startsWith(location.origin));")
        return [link[len(person.base):] for link in found]

    def visit(self, person, path, template, language):
        person.driver.get(person.base + path)
        person.eyes.look()
        self.narrow(person)
        # English words are no longer than those of the others, and English has the colours to be looked at.
        if language != "en" and (wrong := Layout(person).check()):
            raise Failed(f"{person.name}: {person.path}:\n  " + "\n  ".join(wrong))
        # Colours are the same in each language.
        if language == "en":
            person.prefer("dark")
            person.eyes.examine_access()
            person.prefer("light")
        if self.pictures:
            self.take(person, template, language)

    def narrow(self, person):
        """The same page on a small phone, and 400 % on a desk: nothing but a table scrolls sideways."""
        person.set_width(320)
        person.eyes.look_at_width()
        person.set_width(person.width)

    def take(self, person, template, language):
        folder = pathlib.Path(self.pictures)
        folder.mkdir(parents=True, exist_ok=True)
        for width in (390, 1280):
            for colour in ("light", "dark"):
                person.set_width(width)
                person.prefer(colour)
                name = re.sub(r"\W+", "-", template.text.replace(self.scene.merchant, "").replace(self.scene.factory, ""))
                person.picture(folder / f"{name.strip('-')}_{language}_{width}_{colour}.png")
        person.prefer("light")
        person.set_width(person.width)
