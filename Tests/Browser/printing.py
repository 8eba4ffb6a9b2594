"""Labels of a platform by its component on the PC (Z12): every kind and way in which the stand-in `component.mjs` goes on."""

import json
import pathlib
import shutil
import subprocess
import time
import urllib.request

from eyes import Failed
from guide_channels import FactoryChannel
from selenium.webdriver.common.by import By

HERE = pathlib.Path(__file__).resolve().parent
# Where the components listen: the page's policy names these ports and no others.
PORTS = {"pdd": 5000, "cainiao-1": 13528}


class Component:
    def __init__(self, kind):
        self.address = f"http://127.0.0.1:{PORTS[kind]}"
        self.process = subprocess.Popen(
            ["node", str(HERE / "component.mjs"), "--kind", kind, "--port", str(PORTS[kind])], stdout=subprocess.PIPE, text=True)
        if "listening" not in self.process.stdout.readline():
            raise Failed(f"the stand-in of {kind} does not listen on {PORTS[kind]}")

    def set(self, mode):
        urllib.request.urlopen(urllib.request.Request(f"{self.address}/set?mode={mode}", method="POST"), timeout=10).close()

    def release(self):
        urllib.request.urlopen(urllib.request.Request(f"{self.address}/release", method="POST"), timeout=10).close()

    @property
    def printed(self):
        """What it was given to print, as texts."""
        with urllib.request.urlopen(f"{self.address}/requests", timeout=10) as answer:
            return [text for text in json.loads(answer.read()) if json.loads(text)["cmd"] == "print"]

    def close(self):
        self.process.terminate()
        self.process.wait()


class Printing(FactoryChannel):
    """A factory of the platform with three parcels."""

    def steps(self):
        return [
            self.role_of_shop, self.new_channel, self.authorize, self.set_policy, self.numbers, self.nothing_runs, self.no_printers, self.refused,
            self.failed, self.canceled, self.closed, self.late, self.partly, self.printed, self.cainiao,
        ]

    def open_job(self):
        """The page of a print job of all that has a number."""
        person = self.person
        person.open(f"{self.home}/parcels")
        for parcel in self.parcels:
            person.tick(person.say("select.row", name=parcel))
        person.press("action.print.many")
        person.sees(person.say("print.component"))
        # Again needs a reason.
        if person.driver.find_elements(By.CSS_SELECTOR, "[data-print] select[name=reason]"):
            person.choose("field.reprintReason", "print.again.reason.paper")

    def connect(self, message="print.connected"):
        person = self.person
        person.click(person.found(By.CSS_SELECTOR, "[data-print-connect]"))
        person.sees(person.say(message))

    def start(self):
        self.person.click(self.person.found(By.CSS_SELECTOR, "[data-print-start]"))

    @property
    def states(self):
        return [badge.text for badge in self.person.driver.find_elements(By.CSS_SELECTOR, "[data-print-state]")]

    def see_states(self, *expected):
        """Beginnings of each row's state."""
        end = time.monotonic() + 20
        while not all(state.startswith(wanted) for state, wanted in zip(self.states, expected)):
            if time.monotonic() > end:
                raise Failed(f"{self.person.name}: expected {expected}, but the rows say {self.states}")
            time.sleep(0.05)

    def word(self, state):
        return self.person.say(f"print.state.{state}", reason="")

    def asks(self):
        return len([one for one in self.person.driver.find_elements(By.CSS_SELECTOR, "[data-print-ask]") if one.is_displayed()])

    def run(self, mode, *states):
        self.component.set(mode)
        self.open_job()
        self.connect()
        before = len(self.component.printed)
        self.start()
        # What was printed before is told as printed: what the component has got is from now on.
        self.until(lambda: len(self.component.printed) >= before + len(states))
        self.see_states(*[self.word(state) for state in states])

    def until(self, condition):
        end = time.monotonic() + 20
        while not condition():
            if time.monotonic() > end:
                raise Failed(f"{self.person.name}: not in time; the rows say {self.states}")
            time.sleep(0.05)

    def nothing_runs(self):
        if not shutil.which("node"):
            raise Failed("no node: deploy/local/install node")
        self.open_job()
        self.connect("print.refused.notRunning")
        self.person.eyes.forget()
        self.person.sees(self.person.say("print.refused.notRunning.advice"))

    def no_printers(self):
        self.component = Component("pdd")
        self.component.set("noPrinters")
        self.open_job()
        self.connect("print.noPrinters")

    def refused(self):
        self.run("refused", "failed", "failed", "failed")

    def failed(self):
        self.run("failed", "failed", "failed", "failed")

    def canceled(self):
        self.run("canceled", "canceled", "canceled", "canceled")
        if self.asks() != 3:
            raise Failed("whether a label came out is asked where the component does not say so")

    def closed(self):
        """The component goes away after its answer: what it was given is in doubt, and nothing is sent again by itself."""
        before = len(self.component.printed)
        self.run("closed", "lost")
        self.person.sees(self.person.say("print.refused.notRunning"))
        # The button goes on with what was never sent.
        given = len(self.component.printed) - before
        if given > 3:
            raise Failed(f"{given} labels of 3 were sent")

    def late(self):
        """Sent is not printed."""
        self.run("late", "sent", "sent", "sent")
        self.component.release()
        self.see_states(*[self.word("printed")] * 3)

    def partly(self):
        before = len(self.component.printed)
        self.run("partly")
        self.until(lambda: len(self.component.printed) == before + 3)
        ended = (self.word("printed"), self.word("failed"))
        self.until(lambda: all(state.startswith(ended) for state in self.states))
        failed = [state for state in self.states if state.startswith(ended[1])]
        if len(failed) != 1:
            raise Failed(f"each third label fails, but the rows say {self.states}")

    def printed(self):
        """Unknown messages and notices that come twice change nothing; the label's text arrives byte for byte."""
        for mode in ["unknown", "twice", "ok"]:
            self.run(mode, "printed", "printed", "printed")
        told = self.world.session("factory", self.shop, f"x{self.shop}").call(
            "POST", "/api/v1/print-jobs", {"allocationIds": self.parcels})["items"]
        for item in told:
            if not any(item["content"] in text for text in self.component.printed):
                raise Failed(f"the component was not given the platform's text of {item['documentId']}")
        self.component.close()
        person = self.person
        person.open(f"{self.home}/parcels?state=printed")
        end = time.monotonic() + 20
        while len(person.driver.find_elements(By.CSS_SELECTOR, "tbody tr")) != 3:
            if time.monotonic() > end:
                raise Failed(f"three parcels are printed, but the list says:\n{person.text}")
            person.open(f"{self.home}/parcels?state=printed")

    def cainiao(self):
        self.component = Component("cainiao-1")
        self.component.set("ok")
        self.open_job()
        self.person.choose("field.component", "print.component.cainiao")
        self.connect()
        self.start()
        self.see_states(*[self.word("printed")] * 3)

    def close(self):
        if component := getattr(self, "component", None):
            component.close()
