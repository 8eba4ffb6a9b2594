"""The guide of a merchant whose goods lie in JD's warehouses, V1 to V7, with JD's login page of the sandbox."""

from eyes import Failed
from selenium.webdriver.common.by import By
from world import PASSWORD


class WarehouseGuide:
    """`how`: width, has_script and hand of the browser. `subscribes`: whether "Đăng ký tin nhắn" is ticked on JD's page."""

    def __init__(self, world, language="vi", subscribes=True, mode="convenient", **how):
        self.world, self.language, self.subscribes, self.mode, self.how = world, language, subscribes, mode, how
        number = world.number()
        self.shop, self.other_shop = f"8{number}", f"8{world.number()}"
        self.pin, self.department, self.warehouse = f"pin-{number}", f"EBU{number}", f"11{number}"
        self.people = []

    @property
    def has_script(self):
        return self.how.get("has_script", True)

    def steps(self):
        return [
            self.prepare, self.role, self.two_ways, self.data, self.login, self.warehouses, self.stock, self.order, self.outbound,
            self.inbound, self.one_pin_one_merchant, self.revoke,
        ]

    def prepare(self):
        warehouse = {"warehouseNo": self.warehouse, "name": "Kho"}
        department = {"departmentNo": self.department, "name": "Daifa", "warehouses": [warehouse]}
        seed = {
            "pins": [{"pin": self.pin, "password": "sandbox", "departments": [department]}],
            "stock": [{
                "partner": "jd", "warehouseNo": self.warehouse, "goodsNo": f"EMG{self.pin[4:]}", "sku": "TEA-500", "good": 500,
                "damaged": 3}],
        }
        self.world.partner("POST", "seed", seed)

    def join(self, shop, name):
        person = self.world.person(name, self.language, **self.how)
        self.people.append(person)
        person.open(self.world.invitation("merchant", shop))
        person.fill("field.user", f"{name}{shop}")
        person.fill("field.password", PASSWORD)
        person.choose_language(self.language)
        person.press("join.button")
        person.press("todo.first.1")
        person.fill_all(shopAlias=f"Quán {shop}", sender="Nguyễn Lan", phone="+84900000001", province="Hà Nội", city="Hà Nội", detail="1 Hàng Bài")
        person.choose("field.country", "field.country.VN")
        for term in ["e-waybill-service", "platform-waybill"]:
            person.tick(person.say(f"field.terms.{term}"))
        person.press("action.register-merchant")
        person.is_at(f"/m/{shop}/?")
        return person

    def role(self):
        self.lan = self.join(self.shop, "lan")

    # V1, V2

    def two_ways(self):
        lan = self.lan
        lan.press_anywhere("nav.fulfilment")
        lan.is_at(f"/m/{self.shop}/fulfilment", lan.say("fulfilment.title"))
        for orders, can, fits in [("5000", "app.yes", "standard"), ("300", "app.no", "convenient")]:
            lan.fill("field.dailyOrders", orders)
            lan.choose("field.canObtainAppKey", can)
            lan.press("form.continue")
            lan.sees(lan.say("fulfilment.recommended"))
            heading = lan.found(By.XPATH, "//main//h3[span[contains(@class, 'badge')]]").text
            if lan.say(f"mode.{fits}") not in heading:
                raise Failed(f"for {orders} orders a day {heading!r} fits")
        # What it takes, and from whom.
        lan.sees(lan.say("field.departmentCode"))

    # V3

    def data(self):
        lan = self.lan
        lan.press_text(f"{lan.say('form.continue')}: {lan.say(f'mode.{self.mode}')}")
        lan.sees(lan.say("authorizations.pin.text"))
        lan.press("form.continue")
        lan.sees(lan.say("error.required", field=lan.say("field.pin")))
        lan.fill_all(pin=self.pin, departmentCode=self.department, warehouseCode=self.warehouse, shopNo=f"ESP{self.pin[4:]}")
        lan.fill("field.supplierNo", f"EMS{self.pin[4:]}")
        if self.mode == "standard":
            lan.press("form.continue")
            lan.sees(lan.say("error.required", field=lan.say("field.appSecret")))
            lan.fill_all(appKey="jd-app", appSecret="jd-secret")
        lan.press("form.continue")
        lan.is_at(f"/m/{self.shop}/authorizations/.+")

    # V4, V5

    def login(self):
        lan = self.lan
        lan.sees(lan.say("fulfilment.login.text"))
        consent = lan.path
        lan.new_window(lambda: lan.activate(lan.found_any(f"//main//a[normalize-space(.)={lan.say('fulfilment.login.link')!r}]")))
        partner = lan.driver
        partner.find_element(By.ID, "account").send_keys(self.pin)
        partner.find_element(By.ID, "password").send_keys("sandbox")
        if self.subscribes:
            partner.find_element(By.ID, "subscribe").click()
        lan.go(lambda: partner.find_element(By.ID, "approve").click())
        self.came_back = lan.text
        lan.back_to_first()
        lan.open(consent.split("?")[0])
        lan.sees(lan.say("state.authorization.granted"), reload=True)
        lan.sees(lan.say("warehouses.subscription.on" if self.subscribes else "warehouses.subscription.off"))

    # V6

    @property
    def code(self):
        return f"{self.warehouse}-{self.department}-{self.pin}"

    def warehouses(self):
        lan = self.lan
        lan.press_anywhere("nav.warehouses")
        lan.sees(self.code)
        lan.sees(lan.say("warehouses.subscription.on" if self.subscribes else "warehouses.subscription.off"))

    def stock(self):
        lan = self.lan
        lan.press("action.pull-stock.named", name=self.code)
        lan.is_at(rf"/m/{self.shop}/stock\?.*")
        lan.sees("TEA-500", reload=True)
        lan.sees("500")

    def order(self):
        lan, world = self.lan, self.world
        row = world.order(name="Trà Long Tỉnh", spec="500 g", province="Zhejiang", city="Hangzhou", district="Yuhang", detail="1 Cangqian", recipient="Nguyen An")
        self.number = row[1]
        path = world.file_of("orders-vi", [row])
        lan.press_anywhere("nav.imports")
        field = lan.labelled("field.file")
        lan.reach(field)
        field.send_keys(str(path))
        lan.press("imports.button")
        lan.is_at(f"/m/{self.shop}/imports/.+")
        lan.sees(lan.say("state.import.done"), reload=not self.has_script)
        lan.press("nav.orders")
        lan.press("action.allocate.named", name=self.number)
        lan.sees(lan.say("allocate.follows.warehouse"))
        lan.press("allocate.button", 1)
        lan.is_at(f"/m/{self.shop}/orders/.+")
        lan.sees(self.code)

    def outbound(self):
        """The sandbox's orders walk by themselves: with the subscription their states come, else they are pulled."""
        lan = self.lan
        if not self.subscribes:
            lan.sees(lan.say("action.pull-status"), reload=True)
            for _ in range(20):
                if lan.say("state.order.shipped") in lan.text:
                    return
                lan.press("action.pull-status")
        lan.sees(lan.say("state.order.shipped"), reload=True)

    def inbound(self):
        lan = self.lan
        lan.press_anywhere("nav.inbounds")
        lan.press("inbounds.new")
        lan.fill("field.lines", "TEA-500 zwölf")
        lan.press("action.create-inbound")
        lan.sees(lan.say("error.field", field=lan.say("field.lines")))
        lan.fill("field.lines", "TEA-500 12")
        lan.press("action.create-inbound")
        lan.sees(lan.say("form.saved"))
        lan.sees(self.code)

    # V7

    def one_pin_one_merchant(self):
        minh = self.join(self.other_shop, "minh")
        minh.open(f"/m/{self.other_shop}/fulfilment/begin?mode=convenient")
        minh.fill_all(pin=self.pin, departmentCode=self.department, warehouseCode=self.warehouse)
        minh.press("form.continue")
        minh.sees(minh.say("refusal.pin-linked-to-other-merchant.happened"))

    def revoke(self):
        lan = self.lan
        lan.press_anywhere("nav.authorizations")
        lan.press_text(f"{lan.say('app.details')} {self.pin}")
        lan.press("action.revoke")
        lan.sees(lan.say("authorizations.revoke.follows"))
        lan.press("action.revoke")
        lan.sees(lan.say("state.authorization.revoked"), reload=True)
