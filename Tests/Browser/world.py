"""What all journeys share: the console, the partners' sandbox, an operator's session for what is no part of a journey, files of orders."""

import http.cookiejar
import itertools
import json
import pathlib
import subprocess
import threading
import time
import urllib.error
import urllib.request

from people import REPOSITORY, Person

PASSWORD = "correct horse battery"
OPERATOR = "op"
COLUMNS = [
    "商品", "订单号", "订单状态", "商品总价(元)", "商品数量(件)", "收货人", "手机", "省", "市", "区", "街道", "商品规格", "商家编码-SKU维度",
    "商家备注", "售后状态", "是否异常", "承诺发货时间",
]


class Client:
    """HTTP with a session of its own; `call` is of the API."""

    def __init__(self, base):
        self.base = base
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.csrf = ""

    def call(self, method, path, body=None, **headers):
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self.base + path, data=data, method=method)
        for name, value in {"Content-Type": "application/json", "X-CSRF-Token": self.csrf, **headers}.items():
            asked.add_header(name.replace("_", "-"), value)
        try:
            with self.opener.open(asked, timeout=60) as answer:
                return self.read(answer)
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.code} {error.read()[:500]}") from error

    @staticmethod
    def read(answer):
        return json.loads(answer.read() or b"null")

    def command(self, service, command, **data):
        """Sends it and waits for its answer."""
        return self.call("POST", f"/api/v1/commands/{service}/{command}", data)

    def sign_in(self, user, password):
        self.call("POST", "/api/v1/session", {"user": user, "password": password})
        self.csrf = self.call("GET", "/api/v1/session")["csrfToken"]
        return self


class World:
    def __init__(self, up, evidence):
        """`up`: the line that `daifa up --json` writes."""
        self.base, self.partners, self.link = up["console"], up["partners"], up["firstOperatorLink"]
        self.evidence = pathlib.Path(evidence)
        self.data, self.kafka, self.broker = pathlib.Path(up["data"]), up["bootstrapServers"], up["broker"]
        # Ids of this run: the same system may be walked through several times.
        self._numbers = itertools.count(int(time.time()) % 10_000_000 * 1000)
        self._lock = threading.Lock()
        self._operator = None

    def number(self):
        with self._lock:
            return next(self._numbers)

    @property
    def operator(self):
        """A session of the operator's, for what is prepared without a browser."""
        with self._lock:
            if self._operator is None:
                self._operator = Client(self.base).sign_in(OPERATOR, PASSWORD)
            return self._operator

    def person(self, name, language, **more):
        return Person(name, language, self.base, **more)

    def signed_in(self, name, language, user, **more):
        """A person whom the console knows."""
        person = self.person(name, language, **more)
        try:
            # The page is in a stranger's language until he is known.
            person.driver.get(f"{self.base}/login")
            person.fill("field.user", user)
            person.fill("field.password", PASSWORD)
            person.press("login.button")
        except Exception:
            person.leave_evidence(self.evidence)
            person.close()
            raise
        return person

    def invitation(self, kind, shop, role="owner"):
        return self.operator.call("POST", "/api/v1/invitations", {"actor": f"{kind}:{shop}", "role": role})["link"]

    def session(self, kind, shop, user):
        """A member of the shop, without a browser."""
        client = Client(self.base)
        code = self.invitation(kind, shop).rsplit("/", 1)[1]
        client.call("POST", f"/api/v1/invitations/{code}", {"user": user, "password": PASSWORD, "language": "en"})
        client.csrf = client.call("GET", "/api/v1/session")["csrfToken"]
        return client

    def partner(self, method, what, body=None):
        return Client(self.partners).call(method, f"/sandbox/{what}", body)

    def dead_letter(self):
        """Something that no service can read, and waits until it is told. False where the broker has no tools to send it with."""
        if self.broker != "apache-kafka":
            print("skip a dead letter: this broker has no console-producer", flush=True)
            return False
        command = [REPOSITORY / "deploy" / "kafka" / "broker", "tool", "--dir", self.data / "kafka", "console-producer", "--bootstrap-server", self.kafka, "--topic",
                   "daifa.allocation.commands"]
        subprocess.run([str(word) for word in command], input="nonsense\n", text=True, check=True, capture_output=True, timeout=60)
        end = time.monotonic() + 30
        while not self.operator.call("GET", "/api/v1/dead-letters")["items"]:
            if time.monotonic() > end:
                raise RuntimeError("the dead letter is not told")
            time.sleep(0.1)
        return True

    def file_of(self, name, rows):
        """An export as a platform writes it."""
        path = self.evidence.parent / f"{name}-{self.number()}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\ufeff" + "\n".join(",".join(row) for row in [COLUMNS, *rows]) + "\n", encoding="utf-8")
        return path

    def order(self, name="龙井茶", sku="TEA-500", spec="500克", quantity="1", after_sale="无售后或售后取消", remark="", district="余杭区",
              detail=None, number=None, province="浙江省", city="杭州市", recipient="张小明"):
        """A row of it; its second field is the order's number."""
        unique = self.number()
        number = number or f"261130-{unique:015d}"
        return [name, number, "待发货", "59.70", quantity, recipient, f"138{unique % 100_000_000:08d}", province, city, district,
                detail or f"仓前街道{unique}号", spec, sku, remark, after_sale, "否", "2031-11-30 23:00:00"]
