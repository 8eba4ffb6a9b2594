"""Z14 to Z17: a shop is connected, authorized, given its policy; what comes from it is sent, and its numbers go up by themselves."""

import time
import urllib.parse

from selenium.webdriver.common.by import By
from world import PASSWORD

ADDRESS = {"country": "CN", "province": "浙江省", "city": "金华市", "district": "义乌市", "detail": "稠州北路1号"}


class Channel:
    """A shop of Daifa with a channel to a mall of the platform."""

    kind, role = "merchant", 1

    def __init__(self, world, language="zh", **how):
        self.world, self.language, self.how = world, language, how
        number = world.number()
        self.shop, self.mall = f"8{number}", f"9{number}"
        self.people = []

    @property
    def home(self):
        return f"/{self.kind[0]}/{self.shop}"

    def join(self):
        person = self.world.person(f"{self.kind}-{self.shop}", self.language, **self.how)
        self.people.append(person)
        person.open(self.world.invitation(self.kind, self.shop))
        person.fill("field.user", f"店主{self.shop}")
        person.fill("field.password", PASSWORD)
        person.choose_language(self.language)
        person.press("join.button")
        return person

    def seed(self, **more):
        mall = {"mallId": self.mall, "name": "演示店", "password": "sandbox", "role": self.role, **more}
        self.world.partner("POST", "seed", {"malls": [mall]})

    # Z14

    def new_channel(self):
        person = self.person
        person.press_anywhere("nav.channels")
        person.sees(person.say("channels.empty"))
        person.press("channels.new.title")
        person.press("form.save")
        person.sees(person.say("error.required", field=person.say("field.company")))
        self.name = f"直营网店{self.shop}"
        person.fill_all(channelName=self.name, platformShopId=self.mall, contact="店主", phone="13800138000", company="山货公司")
        person.press("form.save")
        person.sees(person.say("form.saved"))
        person.sees(person.say("state.channel.created"))

    # Z15

    def authorize(self):
        person = self.person
        person.press("action.complete.named", name=self.name)
        person.sees(person.say("channels.authorize.order"))
        link = person.found_any(f"//main//a[normalize-space(.)='{person.say('channels.authorize.link')}']").get_attribute("href")
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)
        person.fill("field.redirectUrl", f"{query['redirect_uri'][0]}?code=c&state=another")
        person.press("action.complete")
        person.sees(person.say("refusal.consent-state-mismatch.happened"))
        # He logs in at the platform, and copies the address that the browser ends on.
        answer = self.world.partner("POST", "consent", {"authorizeUrl": link, "approve": True, "account": self.mall})
        person.fill("field.redirectUrl", answer["redirectUrl"])
        person.press("action.complete")
        person.sees(person.say("state.authorization.granted"))

    # Z16

    def policy(self, *types):
        person = self.person
        person.press_anywhere("nav.channels")
        person.sees(person.say("state.channel.active"))
        person.press("action.set-policy.named", name=self.name)
        person.tick(person.say("field.downloadOrders"))
        for kind in types:
            person.tick(person.say(f"orderType.{kind}"))
        person.tick(person.say("field.uploadLogistics"))
        person.press("form.save")
        person.sees(person.say("form.saved"))
        person.sees(person.say("field.uploadLogistics"))


class MerchantChannel(Channel):
    def steps(self):
        return [self.role_of_shop, self.new_channel, self.authorize, self.set_policy, self.order, self.ship, self.upload]

    def role_of_shop(self):
        self.seed(returnAddresses=[{
            "id": "7001", "isDefault": True, "province": "上海", "city": "上海市", "district": "浦东新区", "detail": "世纪大道1号", "name": "退货组",
            "phone": "13900000000"}])
        self.person = self.join()
        person = self.person
        person.press("todo.first.1")
        person.fill_all(shopAlias=f"山货铺{self.shop}", sender="王掌柜", phone="13800138000", province="浙江省", city="杭州市", detail="文三路1号")
        for term in ["e-waybill-service", "platform-waybill"]:
            person.tick(person.say(f"field.terms.{term}"))
        person.press("action.register-merchant")
        # The factory is no part of this journey.
        self.factory_shop = f"9{self.world.number()}"
        self.factory = self.world.session("factory", self.factory_shop, f"厂{self.factory_shop}")
        self.command("binding", "register-factory", {
            "shopId": self.factory_shop, "name": "义乌一厂", "contact": {"name": "李", "phone": "13900139000"}, "address": ADDRESS})
        person.press_anywhere("nav.factories")
        person.fill("field.factoryShopId", self.factory_shop)
        person.press("action.apply")
        person.sees(person.say("factories.applied"))
        self.command("binding", "approve", {"merchantShopId": self.shop, "factoryShopId": self.factory_shop})

    def command(self, service, name, data):
        return self.factory.call("POST", f"/api/v1/commands/{service}/{name}", data)

    def set_policy(self):
        self.policy("own")

    def order(self):
        """What the shop sells is downloaded, and waits until somebody has looked at it."""
        self.number = f"261130-{self.world.number():015d}"
        item = {"goodsId": 1, "skuId": 11, "outerId": "TEA-500", "goodsName": "龙井茶", "goodsSpec": "500克", "goodsCount": 1, "goodsPrice": 59.9}
        self.world.partner("POST", "mall-order", {
            "orderSn": self.number, "mallId": self.mall, "province": "浙江省", "city": "杭州市", "town": "西湖区", "address": "文三路1号",
            "receiverName": "李四", "receiverPhone": "13900000002", "remark": "", "items": [item]})
        content = {"mall_id": int(self.mall), "tid": self.number}
        self.world.partner("POST", "message", {"mallId": self.mall, "type": "pdd_trade_TradeConfirmed", "content": content})
        person = self.person
        person.press_anywhere("nav.orders")
        person.sees(self.number, reload=True)
        person.sees(person.say("hold.awaiting-audit"))
        person.press("action.approve-order.named", name=self.number)
        person.press("action.approve-order")
        person.is_at(f"{self.home}/orders/.+")
        person.press("action.allocate")
        person.press("allocate.button", 1)
        person.is_at(f"{self.home}/orders/.+")
        person.sees(person.say("state.order.allocated"))

    def ship(self):
        order = f"pdd:{self.number}"
        data = {
            "orderId": order, "allocationId": f"{order}/1", "merchantShopId": self.shop, "factoryShopId": self.factory_shop, "carrier": "ZTO",
            "waybillNumber": f"78{self.world.number() % 10**12:012d}"}
        self.command("waybill", "return", data)
        person = self.person
        person.sees(person.say("state.order.ready"), reload=True)
        person.press("action.ship")
        person.fill_all(contact="退货组", phone="13900000000", province="上海", city="上海市", district="浦东新区", detail="世纪大道1号")
        person.press("ship.button", 1)
        person.is_at(f"{self.home}/(orders|batches)/.+")

    # Z17

    def upload(self):
        person = self.person
        person.open(f"{self.home}/orders/pdd%3A{self.number}")
        person.sees(person.say("state.order.shipped"), reload=True)
        person.sees(person.say("state.upload.confirmed"), reload=True)


class FactoryChannel(Channel):
    """Orders that merchants have assigned on the platform: their labels are printed by the platform's component."""

    kind, role = "factory", 2

    def steps(self):
        return [self.role_of_shop, self.new_channel, self.authorize, self.set_policy, self.numbers]

    def role_of_shop(self):
        account = {"wpCode": "ZTO", "branchCode": "1", "branchName": "义乌", "quantity": 100, "addresses": [
            {name: ADDRESS[name] for name in ["province", "city", "district", "detail"]}]}
        self.seed(waybillAccounts=[account])
        self.person = person = self.join()
        person.press("todo.factory.1")
        person.fill_all(shopName="义乌一厂", contact="李厂长", phone="13900139000", **{
            name: ADDRESS[name] for name in ["province", "city", "district", "detail"]})
        person.press("action.register-factory")
        person.sees(person.say("setup.shopId.tell"))

    def dropship(self, count):
        """So many orders of one merchant of the platform; they are so old that the first look at the shop finds them."""
        allowed = int(time.time() * 1000) - 120_000
        for _ in range(count):
            number = self.world.number()
            self.world.partner("POST", "dropship-order", {
                "mallMaskId": f"mask{self.mall}", "orderMaskSn": f"sn{number}", "mallMaskName": "演示旗舰店", "factoryMallId": self.mall,
                "goodsName": "玻璃杯", "goodsSpec": "两只装", "goodsNumber": 1, "productSn": "CUP", "outSkuSn": "CUP-2", "productPrice": 990,
                "province": "浙江省", "city": "杭州市", "district": "西湖区", "receiverId": f"r{number}",
                "allowTime": allowed, "updatedAt": allowed})

    def set_policy(self):
        self.dropship(3)
        self.policy("own", "factory-dropship")

    def numbers(self):
        """They come in by themselves, and the platform gives their numbers."""
        person = self.person
        person.open(f"{self.home}/parcels?state=open")
        person.sees("玻璃杯", reload=True)
        end = 40
        while len(person.driver.find_elements(By.CSS_SELECTOR, "tbody tr")) < 3 and end:
            person.open(f"{self.home}/parcels?state=open")
            end -= 1
        boxes = person.driver.find_elements(By.CSS_SELECTOR, "tbody input[type=checkbox]")
        self.parcels = [box.get_attribute("value") for box in boxes]
        for parcel in self.parcels:
            person.tick(person.say("select.row", name=parcel))
        person.press("action.obtain.many")
        person.choose("field.carrier", "carrier.ZTO")
        person.press("parcels.obtain.button", 3)
        person.is_at(f"{self.home}/batches/.+")
        person.sees(person.say("batch.result.all", 3), reload=not person.has_script)
