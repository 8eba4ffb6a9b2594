"""Accounts: the first operator's link, invitations, signing in and out, what a stranger sees, the operator's pages."""

import time

from eyes import Failed
from people import texts
from selenium.webdriver.common.by import By
from world import OPERATOR, PASSWORD


class Accounts:
    def __init__(self, world):
        self.world, self.people = world, []
        self.merchant_shop, self.factory_shop = f"8{world.number()}", f"9{world.number()}"
        self.merchant_user, self.factory_user = f"小王{self.merchant_shop}", f"Lan{self.factory_shop}"

    def join(self, name, language, **more):
        person = self.world.person(name, language, **more)
        self.people.append(person)
        return person

    def steps(self):
        return [self.first_operator, self.invitations, self.merchant, self.factory_without_script, self.strangers, self.services]

    def first_operator(self):
        operator = self.operator = self.join("operator", "en")
        operator.open(self.world.link)
        operator.sees(operator.say("start.intro"))
        # Too short: the form comes back, and says so.
        operator.fill("field.user", "op")
        operator.fill("field.password", "short")
        operator.press("start.button")
        operator.sees(operator.say("error.title"))
        operator.sees(operator.say("error.password"))
        operator.fill("field.password", PASSWORD)
        operator.choose_language("en")
        operator.press("start.button")
        operator.is_at("/o/services", operator.say("services.title"))
        operator.open(self.world.link)
        operator.sees(operator.say("join.gone"))

    def invite(self, kind, shop):
        operator = self.operator
        operator.open("/o/users")
        operator.choose("field.actorKind", f"role.{kind}")
        operator.fill("field.shopId", shop)
        operator.choose("field.role", "role.owner")
        operator.press("users.invite")
        operator.sees(operator.say("people.invite.link"))
        return operator.found(By.CSS_SELECTOR, ".message .number").text

    def invitations(self):
        self.merchant_link = self.invite("merchant", self.merchant_shop)
        self.factory_link = self.invite("factory", self.factory_shop)

    def merchant(self):
        merchant = self.join("merchant", "zh", width=390)
        merchant.open(self.merchant_link)
        merchant.sees(self.merchant_shop)
        merchant.fill("field.user", self.merchant_user)
        merchant.fill("field.password", PASSWORD)
        merchant.choose_language("zh")
        merchant.press("join.button")
        merchant.is_at(f"/m/{self.merchant_shop}/?")
        merchant.open("/me")
        merchant.sees(self.merchant_user)
        merchant.open(f"/m/{self.merchant_shop}/people")
        merchant.sees(self.merchant_user)
        # Another's shop does not exist.
        merchant.open(f"/f/{self.factory_shop}/people")
        merchant.is_at(f"/f/{self.factory_shop}/people", merchant.say("error.page.404.title"))
        merchant.press_anywhere("nav.signOut")
        merchant.sees(merchant.say("login.signedOut"))
        # A page asks for the login, and comes back after it.
        merchant.open(f"/m/{self.merchant_shop}/people")
        merchant.is_at("/login.*", merchant.say("login.title"))
        merchant.fill("field.user", self.merchant_user)
        merchant.fill("field.password", "wrong wrong wrong")
        merchant.press("login.button")
        merchant.sees(merchant.say("login.wrong"))
        merchant.fill("field.password", PASSWORD)
        merchant.press("login.button")
        merchant.is_at(f"/m/{self.merchant_shop}/people", merchant.say("people.title"))
        # A clerk is invited, and the shop's only owner cannot be removed.
        merchant.press("people.invite")
        merchant.sees(merchant.say("people.invite.link"))
        merchant.open(f"/m/{self.merchant_shop}/people")
        merchant.press("people.remove.named", name=self.merchant_user)
        merchant.press("people.remove.named", name=self.merchant_user)
        merchant.sees(merchant.say("refusal.last-owner.happened"))

    def factory_without_script(self):
        factory = self.join("factory", "vi", has_script=False)
        factory.open(self.factory_link)
        factory.sees(self.factory_shop)
        factory.fill("field.user", self.factory_user)
        factory.fill("field.password", PASSWORD)
        factory.choose_language("vi")
        factory.press("join.button")
        factory.is_at(f"/f/{self.factory_shop}/?")
        # A new time zone, and a new password.
        factory.open("/me")
        factory.fill("field.zone", "Mars/Olympus")
        factory.press("form.save")
        factory.sees(factory.say("me.zone.bad"))
        factory.fill("field.zone", "Asia/Ho_Chi_Minh")
        factory.press("form.save")
        factory.sees(factory.say("form.saved"))
        factory.fill("field.oldPassword", PASSWORD)
        factory.fill("field.newPassword", PASSWORD + " too")
        factory.press("me.password.button")
        factory.sees(factory.say("reset.done"))

    def strangers(self):
        stranger = self.join("stranger", "vi")
        stranger.open("/no/such/page")
        stranger.is_at("/no/such/page", stranger.say("error.page.404.title"))
        stranger.open("/")
        stranger.is_at("/login.*", stranger.say("login.title"))
        # Z1, Z2: he signs up, and says once what he is.
        stranger.press("login.signup")
        user = f"Hoa{self.merchant_shop}"
        stranger.fill("field.user", self.merchant_user)
        stranger.fill("field.password", PASSWORD)
        stranger.choose_language("vi")
        stranger.press("signup.button")
        stranger.sees(stranger.say("signup.taken"))
        stranger.fill("field.user", user)
        stranger.fill("field.password", PASSWORD)
        stranger.press("signup.button")
        stranger.sees(stranger.say("home.empty"))
        stranger.press("action.register-merchant")
        stranger.sees(stranger.say("setup.role.intro"))
        stranger.press("action.register-merchant")
        stranger.is_at(r"/m/\d+/setup", stranger.say("setup.title"))
        # The other role's pages are not there, and another language is.
        stranger.open("/role/factory")
        stranger.sees(stranger.say("refusal.role-already-chosen.happened"))
        stranger.open("/me")
        field = stranger.found(By.ID, "page-language")
        stranger.pick(field, field.find_elements(By.TAG_NAME, "option"), 2)
        stranger.language, stranger.texts = "en", texts("en")
        stranger.press_text_anywhere("Đổi ngôn ngữ")
        stranger.is_at("/me", stranger.say("me.title"))

    def services(self):
        operator = self.operator
        # Replicas report each ten seconds.
        end = time.monotonic() + 40
        operator.open("/o/services")
        while operator.say("services.ok") not in operator.text:
            if time.monotonic() > end:
                raise Failed(f"operator: the services are not well:\n{operator.text}")
            time.sleep(1)
            operator.open("/o/services")
        for page, title in [("dead-letters", "deadLetters.title"), ("trace", "trace.title"), ("users", "users.title")]:
            operator.open(f"/o/{page}")
            operator.is_at(f"/o/{page}", operator.say(title))
        operator.open("/o/trace?id=nothing")
        operator.sees(operator.say("trace.empty"))


