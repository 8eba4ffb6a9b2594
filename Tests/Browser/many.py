"""Five thousand orders, as many as can be chosen at once: chosen, confirmed, allocated as one batch that is followed to its end."""

import time

from eyes import Failed
from scene import Scene
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By

COUNT = 5000
AT_ONCE = 200
# Seconds for what thousands of orders take on a slow machine.
PATIENCE = 240
# Bytes of a page of the list, and of the confirmation of everything.
LIST, CONFIRMATION = 700_000, 4_000_000


class Many:
    def __init__(self, world):
        self.world, self.people = world, []

    def steps(self):
        return [self.prepare, self.choose_all_that_match, self.confirm, self.follow, self.look_at_what_was_refused]

    def prepare(self):
        self.scene = Scene(self.world).bind()
        self.orders = self.scene.orders(COUNT, patience=PATIENCE)
        self.scene.until(lambda: self.scene.m.call("GET", "/api/v1/orders/counts")["open"] == COUNT, PATIENCE)
        self.person = self.scene.person("merchant", "zh")
        self.people.append(self.person)
        # Others look at the same pages with less on them; of thousands of elements it would take minutes.
        self.person.eyes.examine_access = lambda: None

    def choose_all_that_match(self):
        """This page first, then all: the boxes of 25 pages nobody has seen are chosen too."""
        person = self.person
        person.open(f"/m/{self.scene.merchant}/orders?state=open&limit={AT_ONCE}&order=newest")
        self.weigh("a page of the list", "navigation", LIST)
        person.tick(person.say("select.page"))
        person.sees(person.say("select.count", AT_ONCE))
        person.press("select.all", COUNT)
        person.sees(person.say("select.count", COUNT))
        person.sees(person.say("select.outside", COUNT - AT_ONCE))
        # What is ticked and unticked counts for all of them.
        box = person.found(By.CSS_SELECTOR, "[data-select-row]")
        person.click(box)
        person.sees(person.say("select.count", COUNT - 1))
        person.click(box)
        person.sees(person.say("select.count", COUNT))

    def confirm(self):
        self.began = time.monotonic()
        self.person.press("action.allocate.many")
        self.weigh("the confirmation", "resource", CONFIRMATION)
        # Three go elsewhere while it is looked at.
        self.scene.allocate(self.orders[:3])

    def follow(self):
        person = self.person
        began = time.monotonic()
        person.press("allocate.button", COUNT)
        person.is_at(rf"/m/{self.scene.merchant}/batches/.*")
        print(f"     many: the batch's page came after {time.monotonic() - began:.1f} s", flush=True)
        seen, end = [], began + PATIENCE
        while (value := self.progress()) is not None:
            if value < (seen or [0])[-1]:
                raise Failed(f"the batch went back: {seen} {value}")
            if not seen or value > seen[-1]:
                seen.append(value)
            if time.monotonic() > end:
                raise Failed(f"the batch has not come to its end: {seen}")
            time.sleep(0.1)
        print(f"     many: answered after {time.monotonic() - began:.1f} s, seen on the way: {seen[:12]}", flush=True)

    def look_at_what_was_refused(self):
        person = self.person
        person.sees(person.say("batch.allocated.part", accepted=f"{COUNT - 3:,}", refused="3"))
        person.sees(person.say("refusal.already-allocated.happened"))
        person.look()
        counts = self.scene.m.call("GET", "/api/v1/orders/counts")
        if counts["allocated"] != COUNT:
            raise Failed(f"not all are allocated: {counts}")

    def progress(self):
        """How far the page says the batch is; None when it says how it ended."""
        while True:
            try:
                if self.person.driver.find_elements(By.CSS_SELECTOR, "main .message.warn"):
                    return None
                bars = self.person.driver.find_elements(By.TAG_NAME, "progress")
                return int(float(bars[0].get_attribute("value"))) if bars else None
            except StaleElementReferenceException:
                continue

    def weigh(self, what, kind, most):
        """`kind`: "navigation": the page; "resource": what a script of it has fetched last."""
        found = self.person.driver.execute_script(
            "const all = performance.getEntriesByType(arguments[0]).filter("
            "(one) => one.entryType === 'navigation' || one.initiatorType === 'fetch');"
            "const last = all[all.length - 1];"
            "return last && [last.decodedBodySize, last.responseEnd - last.startTime, document.querySelectorAll('*').length];", kind)
        if not found:
            raise Failed(f"nobody has fetched {what}")
        size, milliseconds, elements = found
        print(f"     many: {what}: {size / 1000:,.0f} KB, {milliseconds / 1000:.1f} s, {elements:,} elements", flush=True)
        if size > most:
            raise Failed(f"{what} has {size:,} bytes, more than {most:,}")
