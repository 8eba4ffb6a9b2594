"""A merchant and a factory with something of everything, made by the API: for journeys that do not begin at the beginning."""

import time
import urllib.request

from eyes import Failed
from world import PASSWORD, Client

PLACE = {"country": "CN", "province": "Zhejiang", "city": "Hangzhou", "district": "Yuhang", "detail": "1 Cangqian"}
PATIENCE = 30


class Scene:
    """Names are Latin: what is Chinese on a page in another language is the page's own."""

    def __init__(self, world):
        self.world = world
        number = world.number()
        self.merchant, self.factory = f"8{number}", f"9{number}"
        self.merchant_user, self.factory_user = f"Mai{number}", f"Phong{number}"
        self.pin, self.department, self.warehouse = f"pin-{number}", f"EBU{number}", f"11{number}"

    # The pair

    def bind(self):
        world = self.world
        self.m = world.session("merchant", self.merchant, self.merchant_user)
        self.f = world.session("factory", self.factory, self.factory_user)
        person = {"name": "Mai", "phone": "13800138000", "address": PLACE}
        self.m.command("binding", "register-merchant", shopId=self.merchant, shopAlias="Tea Shop", sender=person, acceptedTerms=[
            "e-waybill-service", "platform-waybill"])
        self.m.command(
            "binding", "put-address", shopId=self.merchant, addressId=f"a{self.merchant}", kind="return", name="Returns", phone="13800138001",
            address=PLACE, default=True)
        contact = {"name": "Phong", "phone": "13900139000"}
        self.f.command("binding", "register-factory", shopId=self.factory, name="Yiwu One", contact=contact, address=PLACE)
        pair = {"merchantShopId": self.merchant, "factoryShopId": self.factory}
        self.m.command("binding", "apply", **pair)
        self.f.command("binding", "approve", **pair)
        first = f"78{world.number() % 10**8:08d}"
        self.f.command("waybill", "top-up", factoryShopId=self.factory, carrier="ZTO", first=f"{first}0000", last=f"{first}9999")
        return self

    def orders(self, count, patience=PATIENCE, **more):
        """So many new orders, imported; their ids."""
        rows = [self.world.order(name="Long Jing tea", spec="500 g", province="Zhejiang", city="Hangzhou", district="Yuhang", detail=f"{place} Cangqian",
                                 recipient="An Nguyen", **more) for place in range(count)]
        path = self.world.file_of("scene", rows)
        asked = urllib.request.Request(f"{self.m.base}/api/v1/imports?merchant={self.merchant}", data=path.read_bytes(), method="POST")
        asked.add_header("Content-Type", "text/csv")
        asked.add_header("X-CSRF-Token", self.m.csrf)
        with self.m.opener.open(asked, timeout=60) as answer:
            created = Client.read(answer)
        self.until(lambda: self.m.call("GET", f"/api/v1/imports/{created['importId']}")["state"] != "running", patience)
        return [f"pdd:{row[1]}" for row in rows]

    def until(self, condition, patience=PATIENCE):
        end = time.monotonic() + patience
        while not condition():
            if time.monotonic() > end:
                raise Failed("the scene is not ready in time")
            time.sleep(0.05)

    def of_order(self, order):
        return {"orderId": order, "merchantShopId": self.merchant}

    def of_parcel(self, order, number=1):
        return {"orderId": order, "allocationId": f"{order}/{number}", "factoryShopId": self.factory}

    def batch(self, client, service, command, items):
        """Sends them as one batch; its id when every item is answered."""
        found = client.call("POST", "/api/v1/batches", {"service": service, "command": command, "items": items})
        self.until(lambda: client.call("GET", f"/api/v1/batches/{found['batchId']}")["pending"] == 0)
        return found["batchId"]

    def allocate(self, orders):
        target = {"kind": "factory", "id": self.factory}
        return self.batch(self.m, "allocation", "allocate", [{**self.of_order(order), "target": target} for order in orders])

    def obtain(self, orders):
        return self.batch(self.f, "waybill", "obtain", [{**self.of_parcel(order), "carrier": "ZTO"} for order in orders])

    def mark_printed(self, orders):
        return self.batch(self.f, "waybill", "mark-printed", [self.of_parcel(order) for order in orders])

    def give_back(self, orders):
        items = []
        for order in orders:
            parcel = self.f.call("GET", f"/api/v1/parcels/{order}/1")
            items.append({**self.of_parcel(order), "carrier": parcel["carrier"], "waybillNumber": parcel["waybillNumber"]})
        return self.batch(self.f, "waybill", "return", items)

    # Something of everything

    def fill(self):
        orders = self.orders(9)
        self.held = self.orders(1, after_sale="售后处理中")
        self.allocate(orders[:7] + self.held)
        self.obtain(orders[:6])
        self.mark_printed(orders[:5])
        self.give_back(orders[:3])
        self.m.command("shipping", "ship", **self.of_order(orders[0]))
        # One that the factory must stop.
        self.m.command("allocation", "deallocate", **self.of_order(orders[4]))
        self.m.command("allocation", "put-rule", merchantShopId=self.merchant, ruleId=f"r{self.merchant}", match={"skuPrefix": "CUP-"}, target={
            "kind": "factory", "id": self.factory})
        # Another who asks the factory.
        other = f"8{self.world.number()}"
        stranger = self.world.session("merchant", other, f"Stranger{other}")
        stranger.command("binding", "register-merchant", shopId=other, shopAlias="Cup Shop", sender={
            "name": "Tung", "phone": "13800138009", "address": PLACE}, acceptedTerms=["e-waybill-service", "platform-waybill"])
        stranger.command("binding", "apply", merchantShopId=other, factoryShopId=self.factory, message="Please send for us")
        self.channels()
        self.warehouse_of_jd()
        return self

    def channels(self):
        for client, owner, shop in [(self.m, "merchantShopId", self.merchant), (self.f, "factoryShopId", self.factory)]:
            client.command("authorization", "create-channel", channelId=f"c{shop}", name="Flagship", platform="pinduoduo", platformShopId=f"7{shop}", contact={
                "name": "Mai", "phone": "13800138000"}, company="Tea Ltd", **{owner: shop})
            sent = client.command("authorization", "begin", authorizationId=f"ca{shop}", channelId=f"c{shop}")
        # The factory's is authorized; the merchant's waits for it.
        mall = f"7{self.factory}"
        self.world.partner("POST", "seed", {"malls": [{"mallId": mall, "name": "Mall", "password": "sandbox", "role": 2}]})
        answer = self.consent(sent, mall)
        self.f.command("authorization", "complete", authorizationId=f"ca{self.factory}", channelId=f"c{self.factory}", redirectUrl=answer)

    def consent(self, sent, account):
        """Where the browser ends after a login at the partner. `sent`: the answer to `begin`."""
        url = next(event["data"]["authorizeUrl"] for event in sent["events"] if "authorizeUrl" in event["data"])
        asked = {"authorizeUrl": url, "approve": True, "subscribe": True, "account": account}
        return self.world.partner("POST", "consent", asked)["redirectUrl"]

    def warehouse_of_jd(self):
        department = {"departmentNo": self.department, "name": "Daifa", "warehouses": [{"warehouseNo": self.warehouse, "name": "Kho"}]}
        self.world.partner("POST", "seed", {
            "pins": [{"pin": self.pin, "password": "sandbox", "departments": [department]}],
            "stock": [{
                "partner": "jd", "warehouseNo": self.warehouse, "goodsNo": f"EMG{self.merchant}", "sku": "TEA-500", "good": 500, "damaged": 3}]})
        authorization = f"j{self.merchant}"
        sent = self.m.command(
            "authorization", "begin", authorizationId=authorization, merchantShopId=self.merchant, provider="jd-fulfillment", mode="convenient",
            pin=self.pin, departmentCode=self.department, warehouseCode=self.warehouse, shopNo=f"ESP{self.merchant}", supplierNo=f"EMS{self.merchant}")
        self.m.command(
            "authorization", "complete", authorizationId=authorization, redirectUrl=self.consent(sent, self.pin), messageSubscription=True)
        self.until(lambda: self.m.call("GET", "/api/v1/warehouses")["items"])
        warehouse = self.m.call("GET", "/api/v1/warehouses")["items"][0]["warehouseId"]
        self.m.command("shipping", "pull-stock", warehouseId=warehouse, merchantShopId=self.merchant)
        self.m.command("shipping", "create-inbound", inboundId=f"i{self.merchant}", merchantShopId=self.merchant, warehouseId=warehouse, lines=[
            {"sku": "TEA-500", "quantity": 12}])
        order = self.orders(1)[0]
        self.m.command("allocation", "allocate", **self.of_order(order), target={"kind": "warehouse", "id": warehouse})

    # People in front of it

    def person(self, kind, language, name=None, **more):
        """A browser in which somebody of the shop is logged in."""
        user, client = (self.merchant_user, self.m) if kind == "merchant" else (self.factory_user, self.f)
        client.call("PUT", "/api/v1/session", {"language": language})
        return self.world.signed_in(name or f"{kind}-{language}", language, user, **more)
