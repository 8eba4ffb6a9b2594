"""Kafka goes away between a click and its answer: the page says so, what was typed and its key stay, and sent again it happens once.

The broker is stopped as by a hand that holds it (SIGSTOP): what was sent meanwhile may arrive when it goes on. For a part that runs alone."""

import contextlib
import os
import signal
import urllib.error

from eyes import Failed
from scene import Scene
from selenium.webdriver.common.by import By


class Outage:
    def __init__(self, world):
        self.world, self.people = world, []

    def steps(self):
        return [self.prepare, self.a_form, self.a_batch, self.a_program]

    def prepare(self):
        self.scene = Scene(self.world).bind()
        self.merchant = self.scene.person("merchant", "zh")
        self.factory = self.scene.person("factory", "vi")
        self.people += [self.merchant, self.factory]

    @contextlib.contextmanager
    def away(self):
        """While Kafka does not answer."""
        self.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.signal(signal.SIGCONT)

    def signal(self, number):
        files = [*(self.world.data / "kafka").rglob("pid")]
        if not files:
            raise Failed(f"no broker in {self.world.data / 'kafka'}")
        for file in files:
            os.kill(int(file.read_text()), number)

    def key(self, person):
        """Of the dialog that is open, else of the page's form."""
        scope = "dialog[open]" if person.dialogs else "main"
        return person.driver.find_element(By.CSS_SELECTOR, f"{scope} form[method=post] input[name=key]").get_attribute("value")

    def unconfirmed(self, person, key):
        person.sees(person.say("refusal.unconfirmed.happened"))
        person.sees_not(person.say("refusal.unavailable.happened"))
        if self.key(person) != key:
            raise Failed("the form has another key: sent again it would be another command")

    def a_form(self):
        person, scene = self.merchant, self.scene
        person.open(f"/m/{scene.merchant}/addresses/new")
        person.fill_all(contact="断线一", phone="13800138000", province="浙江省", city="杭州市", detail="文三路1号")
        key = self.key(person)
        with self.away():
            person.press("action.put-address")
            self.unconfirmed(person, key)
            if person.labelled("field.contact").get_attribute("value") != "断线一":
                raise Failed("what was typed is gone")
            # Reading goes on.
            scene.m.call("GET", "/api/v1/orders")
        person.press("action.put-address")
        person.sees(person.say("form.saved"))
        if (count := person.text.count("断线一")) != 1:
            raise Failed(f"{count} addresses instead of one")
        self.once(scene.m, "daifa.binding.put-address.v1", 2)

    def once(self, client, kind, wanted):
        """So many commands of this kind were ever sent (another one by the scene), and each has one answer."""
        sent = [one for one in client.call("GET", "/api/v1/commands")["items"] if one["type"] == kind]
        if len(sent) != wanted or any(one["state"] != "accepted" or len(one["events"]) != 1 for one in sent):
            raise Failed(f"not one command with one answer: {sent}")

    def a_batch(self):
        """Three numbers are taken, not six."""
        person, scene = self.factory, self.scene
        scene.allocate(scene.orders(3))
        scene.until(lambda: len(scene.f.call("GET", "/api/v1/parcels")["items"]) == 3)
        person.open(f"/f/{scene.factory}/parcels")
        person.tick(person.say("select.page"))
        person.press("action.obtain.many")
        person.choose("field.carrier", "carrier.ZTO")
        key = self.key(person)
        with self.away():
            person.press("parcels.obtain.button", 3)
            self.unconfirmed(person, key)
        person.press("parcels.obtain.button", 3)
        person.sees(person.say("batch.result.all", 3))
        pool = scene.f.call("GET", "/api/v1/pools")["items"][0]
        if pool["obtained"] != 3:
            raise Failed(f"{pool['obtained']} numbers were taken instead of 3")
        if len(scene.f.call("GET", "/api/v1/batches")["items"]) != 1:
            raise Failed("there are several batches")

    def a_program(self):
        """A client of the API that gives its request a key."""
        rule = {"merchantShopId": self.scene.merchant, "ruleId": "outage", "match": {"skus": ["A"]}, "target": {
            "kind": "factory", "id": self.scene.factory}}
        path, key = "/api/v1/commands/allocation/put-rule", {"Idempotency_Key": "outage-1"}
        with self.away():
            try:
                self.scene.m.call("POST", path, rule, **key)
                raise Failed("a command was answered without Kafka")
            except RuntimeError as error:
                if not isinstance(error.__cause__, urllib.error.HTTPError) or error.__cause__.code != 503 or "commandId" not in str(error):
                    raise Failed(f"it is not told what became of it: {error}") from error
        answer = self.scene.m.call("POST", path, rule, **key)
        if answer["state"] != "accepted" or len(answer["events"]) != 1:
            raise Failed(f"it was not accepted once: {answer}")
        self.once(self.scene.m, "daifa.allocation.put-rule.v1", 1)
