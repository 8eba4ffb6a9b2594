"""What people do that nobody asked them to: twice, at once, back again, too late, too fast."""

import time

from eyes import Failed
from scene import Scene
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from world import PASSWORD

SCANS = 40
MANY = 200


class Nasty:
    def __init__(self, world):
        self.world, self.people = world, []

    def steps(self):
        return [
            self.prepare, self.double_click, self.double_click_without_script, self.back_and_again, self.reload_of_an_error, self.stale_tab,
            self.taken_back_while_printing, self.scanner, self.composing, self.many_with_some_refused, self.shop_of_another_tab,
            self.session_ends_while_typing,
        ]

    def prepare(self):
        self.scene = Scene(self.world).bind()
        self.merchant = self.scene.person("merchant", "zh")
        self.factory = self.scene.person("factory", "zh")
        self.people += [self.merchant, self.factory]

    def home(self, kind):
        return f"/m/{self.scene.merchant}" if kind == "m" else f"/f/{self.scene.factory}"

    def address_form(self, person, name):
        person.open(f"{self.home('m')}/addresses/new")
        person.fill_all(contact=name, phone="13800138000", province="浙江省", city="杭州市", detail="文三路1号")
        return person.found_any(f"//main//button[normalize-space(.)='{person.say('action.put-address')}']")

    def count(self, person, path, name):
        person.open(path)
        person.sees(name)
        return person.text.count(name)

    def expect(self, count, wanted, what):
        if count != wanted:
            raise Failed(f"{what}: {count} instead of {wanted}")

    def double_click(self, person=None, name="双击一"):
        person = person or self.merchant
        button = self.address_form(person, name)
        person.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
        ActionChains(person.driver, duration=0).double_click(button).perform()
        person.sees(person.say("form.saved"))
        self.expect(self.count(person, f"{self.home('m')}/addresses", name), 1, "addresses after a double click")

    def double_click_without_script(self):
        person = self.scene.person("merchant", "zh", name="merchant-without-script", has_script=False)
        self.people.append(person)
        self.double_click(person, "双击二")

    def back_and_again(self):
        """The way back shows the form as it was: sent again it is the same command."""
        person = self.merchant
        button = self.address_form(person, "返回一")
        person.go(lambda: person.click(button))
        person.sees(person.say("form.saved"))
        person.back()
        person.press("action.put-address")
        self.expect(self.count(person, f"{self.home('m')}/addresses", "返回一"), 1, "addresses after going back and sending again")

    def reload_of_an_error(self):
        person = self.merchant
        person.open(f"{self.home('m')}/factories")
        person.fill("field.factoryShopId", "nobody")
        person.press("action.apply")
        person.sees(person.say("refusal.factory-not-registered.happened"))
        person.reload()
        person.sees(person.say("refusal.factory-not-registered.happened"))
        field = person.labelled("field.factoryShopId")
        if field.get_attribute("value") != "nobody" or field.get_attribute("aria-invalid") != "true":
            raise Failed("what was typed is gone")
        if not person.driver.title.startswith(person.say("app.title.error", title="")):
            raise Failed(f"the title does not say that something is wrong: {person.driver.title}")

    def stale_tab(self):
        """A confirmation that is an hour old asks for what its user saw; the service knows better."""
        person, scene = self.merchant, self.scene
        order = scene.orders(1)[0]
        person.open(f"{self.home('m')}/orders/allocate?order={order}")
        scene.allocate([order])
        person.press("allocate.button", 1)
        person.sees(person.say("confirm.none"))
        person.sees(person.say("refusal.already-allocated.happened"))

    def taken_back_while_printing(self):
        scene, factory = self.scene, self.factory
        order = scene.orders(1)[0]
        scene.allocate([order])
        scene.obtain([order])
        factory.open(f"{self.home('f')}/print")
        factory.press("action.print.many")
        scene.m.command("allocation", "deallocate", **scene.of_order(order))
        # The label is not drawn any more, and the page says why.
        factory.new_window(lambda: factory.click(factory.found_any(f"//main//button[normalize-space(.)='{factory.say('print.pdf')}']")))
        factory.sees(factory.say("refusal.not-allocated.happened"))
        factory.look()
        factory.back_to_first()
        factory.press_text(f"{factory.say('print.ask.printed')} (1)")
        factory.sees_not(factory.say("form.saved"))

    def scanner(self):
        """Forty scans, faster than any answer; one in full-width digits, one twice."""
        scene, factory = self.scene, self.factory
        orders = scene.orders(SCANS)
        scene.allocate(orders)
        scene.obtain(orders)
        scene.mark_printed(orders)
        numbers = [scene.f.call("GET", f"/api/v1/parcels/{order}/1")["waybillNumber"] for order in orders]
        factory.open(f"{self.home('f')}/return")
        field = factory.driver.switch_to.active_element
        if field.get_attribute("id") != "number":
            raise Failed("the field for scans has not the focus")
        wide = "".join(chr(ord(digit) + 0xFEE0) for digit in numbers[0])
        for number in [wide, *numbers[1:], numbers[5]]:
            field.send_keys(number + Keys.ENTER)
        factory.sees(factory.say("scan.already", number=numbers[5]))
        end = time.monotonic() + 60
        while len(lines := factory.driver.find_elements(By.CSS_SELECTOR, "#results > li")) < SCANS:
            if time.monotonic() > end:
                raise Failed(f"{len(lines)} lines of {SCANS} scans")
            time.sleep(0.1)
        bad = factory.driver.find_elements(By.CSS_SELECTOR, "#results > li.bad")
        self.expect(len(bad), 0, "scans that were not accepted")
        self.expect(len(lines), SCANS, "lines of scans")
        factory.look()

    def composing(self):
        """Enter that takes an input method's letters sends nothing."""
        person = self.merchant
        for path, key in [("orders", "search.label"), ("factories", "field.factoryShopId")]:
            person.open(f"{self.home('m')}/{path}")
            before = person.path
            field = person.labelled(key)
            field.click()
            person.command("Input.imeSetComposition", text="lijing", selectionStart=6, selectionEnd=6)
            for kind in ["rawKeyDown", "keyUp"]:
                person.command("Input.dispatchKeyEvent", type=kind, key="Process", code="Enter", windowsVirtualKeyCode=229)
            person.command("Input.insertText", text="梨精")
            if person.path != before or field.get_attribute("value") != "梨精":
                raise Failed(f"composing in {path}: {person.path}, {field.get_attribute('value')!r}")
        # Where numbers are scanned it says that the keyboard is in the wrong mode.
        factory = self.factory
        factory.open(f"{self.home('f')}/return")
        factory.command("Input.imeSetComposition", text="78", selectionStart=2, selectionEnd=2)
        factory.sees(factory.say("scan.composition"))

    def many_with_some_refused(self):
        """A whole page of orders, of which three went elsewhere while the page was open."""
        person, scene = self.merchant, self.scene
        orders = scene.orders(MANY)
        person.open(f"{self.home('m')}/orders?state=open&limit={MANY}&order=newest")
        person.tick(person.say("select.page"))
        person.sees(person.say("select.count", MANY))
        person.press("action.allocate.many")
        scene.allocate(orders[:3])
        person.press("allocate.button", MANY)
        person.sees(person.say("batch.allocated.part", accepted=f"{MANY - 3}", refused="3"))
        person.sees(person.say("refusal.already-allocated.happened"))
        person.press("batch.again", 3)
        person.sees(person.say("refusal.already-allocated.happened"))

    def shop_of_another_tab(self):
        """The shop stands in the address: somebody else's is not there, whatever else is open."""
        person = self.merchant
        person.open(f"/f/{self.scene.factory}/parcels")
        person.is_at(f"/f/{self.scene.factory}/parcels", person.say("error.page.404.title"))

    def session_ends_while_typing(self):
        """The form comes back after the login as it was filled in, and is sent by him alone."""
        person, scene = self.merchant, self.scene
        button = self.address_form(person, "会话一")
        for session in scene.m.call("GET", "/api/v1/sessions")["items"]:
            if not session.get("current"):
                scene.m.call("DELETE", f"/api/v1/sessions/{session['id']}")
        person.go(lambda: person.click(button))
        person.is_at("/login.*", person.say("login.title"))
        person.fill("field.user", scene.merchant_user)
        person.fill("field.password", PASSWORD)
        person.press("login.button")
        person.sees(person.say("form.kept"))
        if person.labelled("field.contact").get_attribute("value") != "会话一":
            raise Failed("what was typed is gone")
        person.press("action.put-address")
        person.sees(person.say("form.saved"))
        self.expect(self.count(person, f"{self.home('m')}/addresses", "会话一"), 1, "addresses after the session had ended")
