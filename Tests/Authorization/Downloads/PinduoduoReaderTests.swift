import Contracts
import HTTP
import JSON
import Partners
import StateMachines
import Synchronization
import Testing
import Threads

@testable import Authorization

/// Answers each call by its type, and keeps what was asked.
private final class Platform: HTTPSender {
    typealias Form = [String: String]
    private let answers: @Sendable (_ type: String, Form) -> String
    private let asked = Mutex<[Form]>([])

    init(_ answers: @escaping @Sendable (_ type: String, Form) -> String) { self.answers = answers }

    var calls: [Form] { asked.withLock { $0 } }

    func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        let fields = FormEncoding.decode(String(decoding: request.body, as: UTF8.self)) ?? []
        let form = Dictionary(fields.map { ($0.name, $0.value) }) { $1 }
        asked.withLock { $0.append(form) }
        return HTTPClientResponse(
            status: 200, headers: [("Content-Type", "application/json")], body: Array(answers(form["type"] ?? "", form).utf8))
    }
}

@Suite
struct PinduoduoReaderTests {
    private static let clock = 1_704_140_000_000
    private static let history = 3_600_000

    private static func reader(_ platform: Platform) -> PinduoduoReader {
        PinduoduoReader(
            gateway: PinduoduoGateway(
                application: .init(clientId: "id", clientSecret: "secret"), sender: platform,
                now: { Timestamp(milliseconds: clock) }),
            token: "tok", lag: 180_000, history: history, clock: { Timestamp(milliseconds: clock) },
            seal: { Sealed(keyId: "k", enc: $1, ciphertext: String(decoding: $0.json, as: UTF8.self)) })
    }

    private static func effect(_ list: DownloadKind, readTo: Int? = nil, bounds: DownloadBounds? = nil, page: Int = 1) -> DownloadOrders {
        var effect = DownloadOrders()
        effect.source.channelId = "C-1"
        effect.source.owner = "shop-1"
        effect.list = list
        effect.readTo = readTo
        effect.bounds = bounds
        effect.page = page
        return effect
    }

    private static func page(_ answer: DownloadOrders.Answer) throws -> DownloadedPage {
        guard case .page(let page) = answer else { throw PartnerError(.rejected, partner: "test", operation: "", message: "no page") }
        return page
    }

    @Test
    func aFirstWindowBeginsAsFarBackAsIsSetByThePlatformsClock() async throws {
        let platform = Platform { type, _ in
            type == "pdd.time.get"
                ? #"{"time_get_response":{"time":"\#(Self.clock / 1000)"}}"#
                : #"{"order_sn_increment_get_response":{"total_count":1,"order_sn_list":[\#(PinduoduoSightTests.row)]}}"#
        }
        let result = try await Self.reader(platform).read(Self.effect(.orders))
        let page = try Self.page(result.value)
        #expect(page.bounds.from == Self.clock - Self.history && page.bounds.to == page.bounds.from + 1_800_000)
        #expect(!page.bounds.isLatest)
        #expect(page.total == 1)
        #expect(page.orders.map(\.orderId) == ["pdd:240102-123456789012345"])
        let call = try #require(platform.calls.last)
        #expect(call["type"] == "pdd.order.number.list.increment.get")
        #expect(call["start_updated_at"] == "\(page.bounds.from / 1000)" && call["end_updated_at"] == "\(page.bounds.to / 1000)")
        #expect(call["page"] == "1" && call["access_token"] == "tok")
    }

    @Test
    func aWindowThatWasBegunIsReadOnWithoutAskingForTheTime() async throws {
        let platform = Platform { _, _ in #"{"order_sn_increment_get_response":{"total_count":301,"order_sn_list":[]}}"# }
        let bounds = DownloadBounds(from: 1_704_100_000_000, to: 1_704_101_800_000, isLatest: false)
        let page = try Self.page(try await Self.reader(platform).read(Self.effect(.orders, bounds: bounds, page: 3)).value)
        #expect(page.bounds == bounds && page.total == 301)
        #expect(platform.calls.count == 1)
        #expect(platform.calls.first?["page"] == "3")
    }

    @Test
    func thereIsNothingToReadBeforeTheLagHasPassed() async throws {
        let platform = Platform { _, _ in #"{"time_get_response":{"time":"\#(Self.clock / 1000)"}}"# }
        let result = try await Self.reader(platform).read(Self.effect(.orders, readTo: Self.clock - 180_000))
        guard case .nothingYet = result.value else { return #expect(Bool(false), "\(result.value)") }
        #expect(platform.calls.count == 1)
    }

    @Test
    func afterSalesAndFactoriesOrdersInMilliseconds() async throws {
        let bounds = DownloadBounds(from: 1_704_100_000_000, to: 1_704_101_800_000, isLatest: false)
        let refunds = Platform { _, _ in
            #"{"refund_increment_get_response":{"total_count":2,"refund_list":[{"id":7,"order_sn":"1-1","after_sales_status":2},{"id":8}]}}"#
        }
        let afterSales = try await Self.reader(refunds).read(Self.effect(.afterSales, bounds: bounds))
        #expect(try Self.page(afterSales.value).afterSales.map(\.afterSaleId) == ["7"])
        #expect(afterSales.unreadable == 1)

        let factory = Platform { _, _ in
            #"{"pdd_fds_order_list_get_response":{"total":1,"order_list":[\#(PinduoduoSightTests.factoryRow)]}}"#
        }
        let page = try Self.page(try await Self.reader(factory).read(Self.effect(.factoryOrders, bounds: bounds)).value)
        #expect(page.orders.map(\.orderId) == ["pdd-fds:4956c0af:9f3c"])
        let request = try JSONValue.decode(try #require(factory.calls.first?["param_fds_order_list_get_request"]))
        #expect(request["start_updated_time"]?.wireInt == bounds.from && request["end_updated_time"]?.wireInt == bounds.to)
    }

    @Test
    func aFullPageWithoutACountIsAskedForAgain() async throws {
        let rows = (1...100).map { #"{"id":\#($0),"order_sn":"1-\#($0)","after_sales_status":2}"# }.joined(separator: ",")
        let platform = Platform { _, _ in #"{"refund_increment_get_response":{"refund_list":[\#(rows)]}}"# }
        let bounds = DownloadBounds(from: 1_704_100_000_000, to: 1_704_101_800_000, isLatest: false)
        await #expect(throws: PartnerError.self) { try await Self.reader(platform).read(Self.effect(.afterSales, bounds: bounds)) }
        let short = Platform { _, _ in
            #"{"refund_increment_get_response":{"refund_list":[{"id":7,"order_sn":"1-1","after_sales_status":2}]}}"#
        }
        #expect(try Self.page(try await Self.reader(short).read(Self.effect(.afterSales, bounds: bounds)).value).total == 1)
    }

    @Test
    func oneOrderOfEitherType() async throws {
        var effect = DownloadOrder()
        effect.order = PlatformOrder("240102-123456789012345")
        let own = Platform { _, _ in #"{"order_info_get_response":{"order_info":\#(PinduoduoSightTests.row)}}"# }
        guard case .seen(let seen) = try await Self.reader(own).read(effect).value else { return #expect(Bool(false), "not seen") }
        #expect(seen.orderId == "pdd:240102-123456789012345")
        #expect(own.calls.first?["type"] == "pdd.order.information.get")
        effect.order = PlatformOrder("9f3c", shopMask: "4956c0af")
        let factory = Platform { _, _ in #"{"pdd_fds_order_get_response":\#(PinduoduoSightTests.factoryRow)}"# }
        guard case .seen(let assigned) = try await Self.reader(factory).read(effect).value else { return #expect(Bool(false), "not seen") }
        #expect(assigned.orderId == "pdd-fds:4956c0af:9f3c")
    }
}
