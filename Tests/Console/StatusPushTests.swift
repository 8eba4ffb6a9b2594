import Contracts
import Crypto
import HTTP
import JSON
import ReadModel
import Runtime
import Testing
import Threads

@testable import Console

@Suite struct StatusPushTests {
    private static let now = Timestamp(milliseconds: 1_764_000_000_000)
    private static let whole = """
        {"messageId":"m-1","orderType":"XSCK","orderNo":"ESL1","statusCode":"10020","operateTime":"2026-11-24 16:00:05",\
        "wayBill":"JDVA0001-1-1-","carrierNo":"CYS0000010","lines":[{"goodsNo":"EMG1","isvGoodsNo":"sku-1","quantity":2},\
        {"goodsNo":"EMG2","quantity":0}],"more":{"is":["ignored"]}}
        """

    private static let known: Known = {
        var known = Known()
        known.credentials = [
            Known.credential("a-1", appKey: "key-1", secret: "secret-1"), Known.credential("a-2", appKey: "key-2", secret: "secret-2"),
            Known.credential("a-3", appKey: "key-1", secret: "another"),
        ]
        for (id, authorization) in [("w-1", "a-1"), ("w-2", "a-2"), ("w-3", "a-3")] {
            let warehouse = WarehouseRow(
                warehouseId: id, code: "", provider: "", merchantShopId: "", pin: "", departmentCode: "", warehouseCode: "",
                messageSubscription: false, authorizationId: authorization, api: "", state: .active, version: 0)
            known.warehouses[id] = warehouse
        }
        func number(_ number: String, _ warehouse: String) {
            var row = PartnerNumberRow()
            row.key = "order-\(number)"
            row.warehouseId = warehouse
            row.orderId = "order-\(number)"
            row.allocationId = "order-\(number)/1"
            known.numbers["outbound:\(number)"] = row
        }
        number("ESL1", "w-1")
        number("ESL2", "w-2")
        number("ESL3", "w-3")
        var inbound = PartnerNumberRow()
        inbound.key = "in-1"
        inbound.inboundId = "in-1"
        inbound.warehouseId = "w-1"
        known.numbers["inbound:EPL1"] = inbound
        return known
    }()

    private func command(_ request: HTTPRequest, _ known: Known = Self.known) throws(Problem) -> OutgoingCommand {
        try StatusPush(request, now: Self.now).command(known)
    }

    @Test func aStatusBecomesACommand() throws {
        let command = try command(.status(Self.whole, at: Self.now.milliseconds))
        #expect(command.topic == "daifa.shipping.commands" && command.key == "order-ESL1")
        #expect(command.envelope.type == "daifa.shipping.report-status.v1" && command.envelope.source == "/daifa/console")
        #expect("\(command.envelope.actor)" == "partner:jd-fulfillment")
        let data = try ReportStatus.decode(command.body)
        #expect(data.orderId == "order-ESL1" && data.inboundId == nil && data.allocationId == "order-ESL1/1")
        #expect(data.partner == "jd-fulfillment" && data.partnerNumber == "ESL1" && data.statusCode == "10020")
        #expect(data.occurredAt.description == "2026-11-24T08:00:05.000Z")
        #expect(data.waybillNumber == "JDVA0001" && data.carrier == "CYS0000010")
        #expect(data.lines?.map(\.sku) == ["sku-1", "EMG2"] && data.lines?.map(\.quantity) == [2, 0])
    }

    @Test func anInboundOrder() throws {
        let body = #"{"messageId":"m","orderType":"CGRK","orderNo":"EPL1","statusCode":"70","operateTime":"2026-01-01 07:59:59"}"#
        let command = try command(.status(body, at: Self.now.milliseconds))
        let data = try ReportStatus.decode(command.body)
        #expect(command.key == "in-1" && data.inboundId == "in-1" && data.orderId == nil && data.allocationId == nil)
        #expect(data.occurredAt.description == "2025-12-31T23:59:59.000Z" && data.lines == nil && data.waybillNumber == nil)
    }

    @Test func theIdFollowsFromTheMessage() throws {
        let first = try command(.status(Self.whole, at: Self.now.milliseconds))
        // Sent again later: another timestamp and signature, the same message.
        let again = try command(.status(Self.whole, at: Self.now.milliseconds + 60_000))
        let other = try command(.status(Self.whole.replacing("m-1", with: "m-2"), at: Self.now.milliseconds))
        #expect(first.envelope.id == again.envelope.id && first.body == again.body && first.envelope.id != other.envelope.id)
        #expect(first.envelope.id.utf8.count == 36)
    }

    @Test func whoIsNotWhoHeSays() throws {
        let good = HTTPRequest.status(Self.whole, at: Self.now.milliseconds)
        func refused(_ field: String, _ request: HTTPRequest) {
            let problem = problem { () throws(Problem) in _ = try command(request) }
            #expect(problem?.status == 401 && problem?.field == field, "\(field): \(String(describing: problem))")
        }
        for index in good.headers.indices {
            var request = good
            let name = request.headers.remove(at: index).name
            refused(name.lowercased(), request)
        }
        refused("x-jd-app-key", .status(Self.whole, appKey: "key-9", at: Self.now.milliseconds))
        refused("x-jd-signature", .status(Self.whole, secret: "secret-2", at: Self.now.milliseconds))
        var changed = good
        changed.body[20] ^= 1
        refused("x-jd-signature", changed)
        var short = good
        short.headers[2].value = Base64.encode([1, 2, 3])
        refused("x-jd-signature", short)
        short.headers[2].value = "no base64!"
        refused("x-jd-signature", short)
        // The signature covers the timestamp.
        var moved = good
        moved.headers[1].value = "\(Self.now.milliseconds + 1)"
        refused("x-jd-signature", moved)
        for off in [-300_000, 300_000, -Self.now.milliseconds] {
            refused("x-jd-timestamp", .status(Self.whole, at: Self.now.milliseconds + off))
        }
        moved.headers[1].value = "2026-11-24 16:00:05"
        refused("x-jd-timestamp", moved)
        #expect((try? command(.status(Self.whole, at: Self.now.milliseconds - 299_999))) != nil)
    }

    /// Whoever is not known learns nothing of the body's mistakes.
    @Test func theSignatureComesBeforeTheBody() {
        let request = HTTPRequest.status("{", secret: "wrong", at: Self.now.milliseconds)
        #expect(problem { () throws(Problem) in _ = try command(request) }?.status == 401)
    }

    @Test(arguments: [
        (#""messageId":"m-1","#, "", "messageId"), (#""XSCK""#, #""XSXX""#, "orderType"), (#""ESL1""#, "7", "orderNo"),
        (#""10020""#, "10020", "statusCode"), ("2026-11-24 16", "2026-02-30 16", "operateTime"),
        ("2026-11-24 16:00:05", "2026/11/24 16:00:05", "operateTime"), ("2026-11-24 16:00:05", "2026-11-24T08:00:05Z", "operateTime"),
        ("JDVA0001-1-1-", "-1-1-", "wayBill"), ("CYS0000010", "", "carrierNo"), (#""quantity":2"#, #""quantity":-1"#, "lines[0].quantity"),
        (#""goodsNo":"EMG2","#, "", "lines[1].goodsNo"), (#""quantity":0"#, #""x":0"#, "lines[1].quantity"),
    ])
    func aFieldThatIsWrong(text: String, replacement: String, field: String) {
        let body = Self.whole.replacing(text, with: replacement)
        #expect(body != Self.whole)
        let problem = problem { () throws(Problem) in _ = try command(.status(body, at: Self.now.milliseconds)) }
        #expect(problem?.status == 400 && problem?.field == field && problem?.code == "invalid", "\(String(describing: problem))")
    }

    @Test(arguments: ["", "{", "[]", "7", "nonsense", "{\"messageId\":\"\u{0}\"}"]) func aBodyThatIsNoObject(body: String) {
        let problem = problem { () throws(Problem) in _ = try command(.status(body, at: Self.now.milliseconds)) }
        #expect(problem?.status == 400, "\(String(describing: problem))")
    }

    @Test(arguments: ["ESL2", "ESL3", "ESL9"]) func aNumberOfSomebodyElse(number: String) {
        let body = Self.whole.replacing("ESL1", with: number)
        let problem = problem { () throws(Problem) in _ = try command(.status(body, at: Self.now.milliseconds)) }
        #expect(problem?.status == 404 && problem?.field == "orderNo" && problem?.restsOnModel == true)
        #expect(problem?.sentence?.contains(number) == false)
    }

    /// An outbound number is no inbound number.
    @Test func aNumberOfTheOtherKind() {
        let body = Self.whole.replacing("XSCK", with: "CGRK")
        #expect(problem { () throws(Problem) in _ = try command(.status(body, at: Self.now.milliseconds)) }?.status == 404)
    }

    @Test func aStoreThatCannotBeRead() {
        var broken = Self.known
        broken.isBroken = true
        #expect(problem { () throws(Problem) in _ = try command(.status(Self.whole, at: Self.now.milliseconds), broken) } == .unavailable)
    }

    @Test func problemsAreDocuments() throws {
        let problem = Problem(400, "invalid", "expected an id", field: "lines[1].sku")
        let response = problem.response()
        let headers = Dictionary(response.headers.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        #expect(response.status == 400 && headers["Content-Type"] == "application/problem+json" && headers["Retry-After"] == nil)
        let document = try JSONValue.decode(response.body)
        #expect(document["status"]?.int == 400 && document["title"]?.string == "Bad Request" && document["code"]?.string == "invalid")
        #expect(document["field"]?.string == "lines[1].sku" && document["detail"]?.string == "expected an id")
        #expect(Problem.unavailable.response().headers.contains { $0.name == "Retry-After" && Int($0.value) != nil })
    }
}
