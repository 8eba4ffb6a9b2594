"""The guide of a merchant and a factory, Z1 to Z13, walked to its end by two people."""

import pathlib
import re
import time

from eyes import Failed
from selenium.webdriver.common.by import By
from world import PASSWORD


class FactoryGuide:
    """`how`: width, has_script and hand of both people's browsers."""

    def __init__(self, world, language="zh", **how):
        self.world, self.language, self.how = world, language, how
        self.merchant_shop, self.factory_shop = f"8{world.number()}", f"9{world.number()}"
        self.people = []

    @property
    def has_script(self):
        return self.how.get("has_script", True)

    def join(self, kind, shop, user):
        person = self.world.person(f"{kind}-{shop}", self.language, **self.how)
        self.people.append(person)
        person.open(self.world.invitation(kind, shop))
        person.sees(shop)
        person.fill("field.user", user)
        person.fill("field.password", PASSWORD)
        person.choose_language(self.language)
        person.press("join.button")
        person.is_at(f"/{kind[0]}/{shop}/?", person.say("todo.title"))
        return person

    def steps(self):
        return [
            self.merchant_role, self.factory_role, self.binding, self.orders, self.allocate_one, self.allocate_many, self.take_back,
            self.numbers, self.print_labels, self.return_numbers, self.ship_one, self.ship_many, self.stop,
        ]

    # Z1, Z2, Z3

    def merchant_role(self):
        merchant = self.merchant = self.join("merchant", self.merchant_shop, f"小王{self.merchant_shop}")
        merchant.press("todo.first.1")
        merchant.is_at(f"/m/{self.merchant_shop}/setup", merchant.say("setup.title"))
        merchant.sees(merchant.say("setup.merchant.confirm"))
        merchant.sees(merchant.say("field.shopAlias.hint"))
        self.alias = f"山货铺{self.merchant_shop}"
        merchant.fill_all(shopAlias=self.alias, sender="王掌柜", phone="13800138000", province="浙江省", city="杭州市", detail="文三路1号")
        # Both agreements are asked for; what was typed stays.
        merchant.press("action.register-merchant")
        merchant.sees(merchant.say("error.terms"))
        merchant.tick(merchant.say("field.terms.e-waybill-service"))
        merchant.tick(merchant.say("field.terms.platform-waybill"))
        merchant.press("action.register-merchant")
        merchant.is_at(f"/m/{self.merchant_shop}/?")
        merchant.press_anywhere("nav.addresses")
        for kind, name in [("return", "退货组"), ("sender", "王二掌柜")]:
            merchant.press("addresses.new")
            merchant.choose("field.kind", f"field.kind.{kind}")
            merchant.fill_all(contact=name, phone="13800138001", province="浙江省", city="杭州市", detail=f"{name}1号")
            merchant.tick(merchant.say("field.default"))
            merchant.press("action.put-address")
            merchant.sees(merchant.say("form.saved"))
            merchant.sees(name)
        # The profile again, with an address that is there.
        merchant.press_anywhere("nav.setup")
        merchant.tick(merchant.say("field.address.existing"))
        merchant.press("action.update-profile")
        merchant.sees(merchant.say("form.saved"))

    # Z10

    def factory_role(self):
        factory = self.factory = self.join("factory", self.factory_shop, f"老李{self.factory_shop}")
        factory.press("todo.factory.1")
        factory.sees(factory.say("setup.factory.confirm"))
        factory.fill_all(shopName="义乌一厂", contact="李厂长", phone="13900139000", province="浙江省", city="金华市", detail="稠州北路1号")
        factory.press("action.register-factory")
        factory.sees(factory.say("setup.shopId.tell"))
        if factory.found(By.CSS_SELECTOR, ".big").text != self.factory_shop:
            raise Failed("the factory does not see its own shop id")

    # Z4, Z11

    def binding(self):
        merchant, factory = self.merchant, self.factory
        merchant.open(f"/m/{self.merchant_shop}/factories")
        merchant.fill("field.factoryShopId", "no-such-factory")
        merchant.press("action.apply")
        merchant.sees(merchant.say("refusal.factory-not-registered.happened"))
        merchant.fill("field.factoryShopId", self.factory_shop)
        merchant.fill("field.message", "您好，请代发")
        merchant.press("action.apply")
        merchant.sees(merchant.say("factories.applied"))
        merchant.sees(merchant.say("state.binding.pending"))
        factory.open(f"/f/{self.factory_shop}")
        factory.sees(factory.say("todo.applications", 1), reload=True)
        factory.press("todo.applications", 1)
        factory.sees("您好，请代发")
        factory.press("action.approve.named", name=self.alias)
        factory.sees(factory.say("merchants.approved"))
        merchant.open(f"/m/{self.merchant_shop}/factories")
        merchant.sees("义乌一厂")

    # What is to be sent

    def upload(self, path):
        merchant = self.merchant
        merchant.open(f"/m/{self.merchant_shop}/imports")
        field = merchant.labelled("field.file")
        merchant.reach(field)
        field.send_keys(str(path))
        merchant.press("imports.button")
        merchant.is_at(f"/m/{self.merchant_shop}/imports/.+")
        merchant.sees(merchant.say("state.import.done"), reload=True)

    def orders(self):
        world = self.world
        self.rows = [world.order(remark="不要胶带") for _ in range(8)]
        held = world.order(after_sale="售后处理中")
        bad = world.order(quantity="一")
        self.held = held[1]
        self.upload(world.file_of("orders", [*self.rows, held, bad]))
        self.merchant.sees(self.merchant.say("imports.result.placed", 9))
        self.merchant.sees(self.merchant.say("imports.result.bad", 1))
        self.numbers_of_orders = [row[1] for row in self.rows]
        self.merchant.press("nav.orders")
        self.merchant.is_at(rf"/m/{self.merchant_shop}/orders\?state=open")
        self.merchant.sees("不要胶带")

    # Z5, Z6, Z7

    def target(self):
        return self.merchant.say("target.factory", name="义乌一厂")

    def allocate_one(self):
        merchant, number = self.merchant, self.numbers_of_orders[0]
        merchant.press("action.allocate.named", name=number)
        if merchant.dialogs != (1 if self.has_script else 0):
            raise Failed("a confirmation is a dialog with script, and a page without")
        merchant.press("allocate.button", 1)
        merchant.is_at(f"/m/{self.merchant_shop}/orders/.+")
        merchant.sees(merchant.say("state.order.allocated"))
        merchant.sees("义乌一厂")

    def list(self, state):
        self.merchant.open(f"/m/{self.merchant_shop}/orders?state={state}")

    def allocate_many(self):
        merchant = self.merchant
        merchant.open(f"/m/{self.merchant_shop}/orders")
        chosen = self.numbers_of_orders[1:6]
        for number in [*chosen, self.held]:
            merchant.tick(merchant.say("select.row", name=number))
        if self.has_script:
            merchant.sees(merchant.say("select.count", 6))
        merchant.press("action.allocate.many")
        # What cannot be allocated is told before.
        merchant.sees(merchant.say("confirm.skipped", 1))
        merchant.press("allocate.button", 5)
        self.batch(5)

    def batch(self, count):
        merchant = self.merchant
        merchant.is_at(f"/m/{self.merchant_shop}/batches/.+")
        merchant.sees(merchant.say("batch.result.all", count), reload=not self.has_script)

    def take_back(self):
        merchant, number = self.merchant, self.numbers_of_orders[1]
        self.list("allocated")
        merchant.press("action.deallocate.named", name=number)
        merchant.press("deallocate.button", 1)
        merchant.is_at(f"/m/{self.merchant_shop}/orders/.+")
        merchant.sees(merchant.say("state.order.open"))
        merchant.sees(merchant.say("reason.deallocation.merchant"))
        # One that is held says why it cannot be allocated.
        self.list("held")
        merchant.press_text(self.held)
        merchant.sees(merchant.say("hold.after-sale.blocks"))

    # Z12

    def numbers(self):
        factory = self.factory
        factory.open(f"/f/{self.factory_shop}/pools")
        factory.choose("field.carrier", "carrier.ZTO")
        first = 10_000_000 + self.world.number() % 80_000_000
        factory.fill("field.first", f"78{first}0000")
        factory.fill("field.last", f"78{first}0099")
        factory.press("action.top-up")
        factory.sees("100")
        factory.open(f"/f/{self.factory_shop}")
        factory.sees(factory.say("todo.obtain", 5), reload=True)
        factory.press("todo.obtain", 5)
        factory.sees("不要胶带")
        # Nobody but the label tells who gets it.
        factory.sees_not("张小明")
        factory.sees_not("仓前街道")
        self.parcels = [link.text for link in factory.driver.find_elements(By.CSS_SELECTOR, "td.stay a")]
        if len(self.parcels) != 5:
            raise Failed(f"the factory sees {self.parcels}")
        factory.press_text(self.parcels[0])
        factory.choose("field.carrier", "carrier.ZTO")
        factory.press("action.obtain")
        factory.sees(factory.say("state.parcel.obtained"))
        factory.open(f"/f/{self.factory_shop}/parcels?state=open")
        for parcel in self.parcels[1:]:
            factory.tick(factory.say("select.row", name=parcel))
        factory.press("action.obtain.many")
        factory.choose("field.carrier", "carrier.ZTO")
        factory.press("parcels.obtain.button", 4)
        factory.is_at(f"/f/{self.factory_shop}/batches/.+")
        factory.sees(factory.say("batch.result.all", 4), reload=not self.has_script)

    def print_labels(self):
        factory = self.factory
        factory.open(f"/f/{self.factory_shop}")
        factory.sees(factory.say("todo.print", 5), reload=True)
        factory.press("todo.print", 5)
        factory.press("action.print.many")
        factory.sees(factory.say("print.pdf.hint"))
        factory.activate(factory.found_any(f"//main//button[normalize-space(.)='{factory.say('print.pdf')}']"))
        self.label = self.downloaded(factory)
        factory.back_to_first()
        self.waybills = re.findall(r"78\d{12}", factory.text)
        factory.press_text(f"{factory.say('print.ask.printed')} (5)")
        factory.is_at(f"/f/{self.factory_shop}/batches/.+")
        factory.sees(factory.say("batch.result.all", 5), reload=not self.has_script)

    @staticmethod
    def downloaded(person):
        """The file that the browser has saved."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            files = [path for path in pathlib.Path(person.downloads).iterdir() if path.suffix != ".crdownload" and not path.name.startswith(".")]
            if files and files[0].stat().st_size:
                content = files[0].read_bytes()
                files[0].unlink()
                if not content.startswith(b"%PDF"):
                    raise Failed(f"{person.name}: no PDF came, but {content[:200]!r}")
                return content
            time.sleep(0.05)
        raise Failed(f"{person.name}: nothing was downloaded; {person.path} says:\n{person.text}")

    # Z13

    def return_numbers(self):
        factory = self.factory
        if len(set(self.waybills)) != 5:
            raise Failed(f"the page of labels shows {self.waybills}")
        one, two, three, four, self.kept = sorted(set(self.waybills))
        factory.open(f"/f/{self.factory_shop}")
        factory.sees(factory.say("todo.return", 5), reload=True)
        factory.press("todo.return", 5)
        self.scan(one)
        factory.sees(factory.say("scan.ok", number=one))
        self.scan("780000000000")
        factory.sees(factory.say("return.notFound"))
        factory.unfold(factory.say("return.list.title"))
        factory.fill("return.list.label", f"{two}\n{three}\n{four}\n780000000000")
        factory.press("return.list.button")
        factory.sees(factory.say("return.notFound"))
        factory.press("return.button", 3)
        factory.is_at(f"/f/{self.factory_shop}/batches/.+")
        factory.sees(factory.say("batch.result.all", 3), reload=not self.has_script)

    def scan(self, number):
        """As a scanner does: digits, then Enter."""
        factory = self.factory
        field = factory.labelled("scan.label")
        factory.reach(field)
        if self.has_script:
            field.send_keys(number + "\n")
        else:
            factory.go(lambda: field.send_keys(number + "\n"))

    # Z8, Z9

    def ship_one(self):
        merchant = self.merchant
        merchant.open(f"/m/{self.merchant_shop}")
        merchant.sees(merchant.say("todo.ready", 4), reload=True)
        merchant.press("todo.ready", 4)
        ready = [link.text for link in merchant.driver.find_elements(By.CSS_SELECTOR, "th.stay > a")]
        merchant.press("action.ship.named", name=ready[0])
        merchant.sees(merchant.say("ship.address.default"))
        merchant.press("ship.button", 1)
        merchant.is_at(f"/m/{self.merchant_shop}/orders/.+")
        merchant.sees(merchant.say("state.order.shipped"), reload=not self.has_script)
        self.ready = ready[1:]

    def ship_many(self):
        merchant = self.merchant
        self.list("ready")
        for number in self.ready:
            merchant.tick(merchant.say("select.row", name=number))
        merchant.press("action.ship.many")
        # A new return address in place.
        merchant.tick(merchant.say("ship.address.new"))
        if not merchant.driver.find_elements(By.CSS_SELECTOR, "details.fold[open] #province"):
            merchant.unfold(merchant.say("ship.address.new"))
        merchant.fill_all(contact="退货二组", phone="13800138002", province="浙江省", city="宁波市", detail="退货仓2号")
        merchant.press("ship.button", 3)
        self.batch(3)

    # Z7 after printing: the factory is told to stop

    def stop(self):
        merchant, factory = self.merchant, self.factory
        self.list("allocated")
        number = merchant.found(By.CSS_SELECTOR, "th.stay > a").text
        merchant.press("action.deallocate.named", name=number)
        merchant.press("deallocate.button", 1)
        merchant.is_at(f"/m/{self.merchant_shop}/orders/.+")
        merchant.sees(merchant.say("state.order.open"))
        factory.open(f"/f/{self.factory_shop}/pools")
        factory.sees(factory.say("stop.banner", 1), reload=True)
        factory.press_anywhere("stop.title")
        factory.sees(self.kept)
        factory.press("stop.seen.named", name=self.kept)
        factory.sees_not(factory.say("stop.banner", 1))
