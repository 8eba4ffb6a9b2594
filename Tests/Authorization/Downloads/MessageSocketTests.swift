import Contracts
import HTTP
import JSON
import Kafka
import Machines
import Observability
import Partners
import Runtime
import Synchronization
import TestSupport
import Testing
import Threads

@testable import Authorization

/// Seconds: the pool that tasks run on may be taken by other tests for long.
private let patience = 120.0

/// The channels that a test has.
private final class Channels: Tables {
    let rows: [ChannelRow]
    init(_ rows: [ChannelRow]) { self.rows = rows }

    func channels(to platformShopId: String, on platform: Contracts.Platform) -> [ChannelRow] {
        rows.filter { $0.platformShopId == platformShopId && $0.platform == platform.rawValue }
    }
    func channel(_ channelId: String) -> ChannelRow? { rows.first { $0.channelId == channelId } }
    func channels(of shopId: String) -> [ChannelRow] { rows.filter { $0.owner == shopId } }
    func participant(_ shopId: String) -> ParticipantRow? { nil }
    func binding(merchant: String, factory: String) -> BindingRow? { nil }
    func warehouse(_ warehouseId: String) -> WarehouseRow? { nil }
    func rules(of merchantShopId: String) -> [RuleRow] { [] }
    func warehouses(of merchantShopId: String) -> [WarehouseRow] { [] }
    func credential(_ authorizationId: String, _ service: ServiceName) -> CredentialRow? { nil }
}

/// The platform's end of the socket.
private final class PlatformSocket: Sendable {
    struct State: Sendable {
        var connections: [WebSocketServer.Connection] = []
        var received: [JSONValue] = []
    }
    let state = Monitor(State())

    func listen() throws -> WebSocketServer {
        try WebSocketServer(port: 0) { [state] connection, event in
            switch event {
            case .opened: state.update { $0.connections.append(connection) }
            case .text(let text):
                guard let frame = try? JSONValue.decode(text) else { return }
                state.update { $0.received.append(frame) }
            case .closed: break
            }
        }
    }

    func connection(_ number: Int) -> WebSocketServer.Connection? {
        state.wait(until: .after(patience)) { $0.connections.count >= number ? $0.connections[number - 1] : nil }
    }

    /// The first frame of this kind for a message.
    func frame(_ command: String, id: Int? = nil) -> JSONValue? {
        state.wait(until: .after(patience)) { state in
            state.received.first { $0["commandType"]?.string == command && (id == nil || $0["id"]?.wireInt == id) }
        }
    }

    static func message(
        _ id: Int, _ content: String, type: String = "pdd_trade_TradeConfirmed", mall: Int = 77
    ) -> String {
        let text = String(decoding: JSONValue.string(content).json, as: UTF8.self)
        return
            #"{"id":\#(id),"commandType":"Common","time":1,"sendTime":2,"message":{"type":"\#(type)","mallID":\#(mall),"content":\#(text)}}"#
    }
}

@Suite
struct MessageSocketTests {
    private static func row(_ id: String, shop: String = "77", state: ChannelState = .active, downloads: Bool = true) -> ChannelRow {
        let policy = ChannelPolicy(
            downloadOrders: downloads, orderTypes: [], transferToAudit: false, uploadLogistics: false, syncStock: false)
        return ChannelRow(
            channelId: id, merchantShopId: "m", name: "", platform: "pinduoduo", platformShopId: shop, policy: policy, state: state,
            version: 0)
    }

    private static let router = MessageRouter(
        topics: PinduoduoTopics(factoryOrders: ["pdd_fds_OrderAssigned"]),
        tables: Channels([
            row("C-1"), row("C-2"), row("C-3", shop: "78"), row("C-4", state: .suspended), row("C-5", downloads: false),
        ]))

    private static func items(_ text: String) throws -> [OrderPushed] {
        router.items(try #require(try PinduoduoMessages.frame(text).message))
    }

    @Test
    func goToTheChannelsOfTheirShopThatDownloadOrders() throws {
        let trade = try Self.items(PlatformSocket.message(9_007_199_254_740_993, #"{"mall_id":77,"tid":"231114-1"}"#))
        #expect(trade.map(\.channelId) == ["C-1", "C-2"])
        #expect(trade.first?.order == PlatformOrder("231114-1"))
        #expect(trade.first?.messageId == "9007199254740993")
        let refund = try Self.items(
            PlatformSocket.message(1, #"{"tid":"231114-2","refund_id":5}"#, type: "pdd_refund_RefundCreated", mall: 78))
        #expect(refund.map(\.channelId) == ["C-3"])
        let assigned = try Self.items(
            PlatformSocket.message(1, #"{"mall_mask_id":"m1","order_mask_sn":"o1"}"#, type: "pdd_fds_OrderAssigned"))
        #expect(assigned.first?.order == PlatformOrder("o1", shopMask: "m1"))
    }

    @Test(arguments: [
        PlatformSocket.message(1, #"{"tid":"1"}"#, type: "pdd_goods_GoodsAdd"), PlatformSocket.message(1, #"{"tid":"1"}"#, mall: 79),
        PlatformSocket.message(1, "{}"),
        PlatformSocket.message(1, "no JSON"), PlatformSocket.message(1, #"{"tid":"\#(String(repeating: "9", count: 300))"}"#),
    ])
    func ofNoInterestGoNowhere(text: String) throws { #expect(try Self.items(text).isEmpty) }

    private static func socket(
        _ server: WebSocketServer, _ metrics: Metrics = Metrics(), backlog: Int = 0, clocks: MovedClocks = MovedClocks()
    ) -> MessageSocket {
        MessageSocket(
            base: "ws://127.0.0.1:\(server.port)/message", application: .init(clientId: "app", clientSecret: "secret"), connectSeconds: 5,
            router: router, pace: MessageSocket.Pace(heartbeat: 0.05, idle: 5, firstPause: 0.05, longestPause: 0.1),
            clock: clocks.clock, logger: Logger(label: "test", level: .critical), metrics: metrics,
            backlog: { () throws(PartnerError) in backlog })
    }

    @Test
    func thatWaitAtThePlatformAreMeasuredByWhoHoldsTheSocket() async throws {
        let platform = PlatformSocket()
        let server = try platform.listen()
        let metrics = Metrics()
        func value() -> String? { metrics.text.split(separator: "\n").last { $0.hasPrefix("daifa_message_backlog ") }.map(String.init) }
        let task = Task { await Self.socket(server, metrics, backlog: 12).run { _, _ in } }
        while value() != "daifa_message_backlog 12" { await Task.yield() }
        task.cancel()
        await task.value
        #expect(value() == "daifa_message_backlog 0")
    }

    @Test
    func areAcknowledgedWhenKafkaHasThemAndNotBefore() async throws {
        let platform = PlatformSocket()
        let server = try platform.listen()
        let (stored, storing) = AsyncStream.makeStream(of: Void.self)
        let delivered = Monitor<[OrderPushed]>([])
        let task = Task {
            await Self.socket(server).run { item, origin in
                delivered.update { (items: inout [OrderPushed]) in items.append(item) }
                #expect(origin.id == "pinduoduo-message/42/\(item.channelId)")
                if item.channelId == "C-2" { for await _ in stored { break } }
            }
        }
        defer { task.cancel() }
        let connection = try await thread { platform.connection(1) }
        _ = try await thread { platform.frame("HeartBeat") }
        connection.send(PlatformSocket.message(42, #"{"tid":"231114-1"}"#))
        #expect(
            try await thread {
                delivered.wait(until: .after(patience)) { (items: inout [OrderPushed]) -> Bool? in items.count == 2 ? true : nil }
            })
        #expect(platform.state.withLock { state in !state.received.contains { $0["commandType"]?.string == "Ack" } })
        storing.yield()
        let ack = try await thread { platform.frame("Ack", id: 42) }
        #expect(ack["mallID"]?.wireInt == 77 && ack["type"]?.string == "pdd_trade_TradeConfirmed" && ack["sendTime"]?.wireInt == 2)
        // What nobody waits for is acknowledged at once, or it would come again for ever.
        connection.send(PlatformSocket.message(43, "{}", mall: 1))
        _ = try await thread { platform.frame("Ack", id: 43) }
    }

    @Test
    func areSentBackWhileKafkaIsAway() async throws {
        struct Away: Error {}
        let platform = PlatformSocket()
        let server = try platform.listen()
        let task = Task { await Self.socket(server).run { _, _ in throw Away() } }
        defer { task.cancel() }
        let connection = try await thread { platform.connection(1) }
        connection.send(PlatformSocket.message(42, #"{"tid":"231114-1"}"#))
        #expect(try await thread { platform.frame("Fail", id: 42) }["failReason"]?.string == "not stored")
        #expect(platform.state.withLock { state in !state.received.contains { $0["commandType"]?.string == "Ack" } })
    }

    @Test
    func messagesComeAgainOnTheNextConnectionWithASignatureOfItsOwn() async throws {
        let platform = PlatformSocket()
        let server = try platform.listen()
        let clocks = MovedClocks()
        let task = Task { await Self.socket(server, clocks: clocks).run { _, _ in } }
        let first = try await thread { platform.connection(1) }
        clocks.pass(5)
        first.drop()
        let second = try await thread { platform.connection(2) }
        second.send("nonsense")
        second.send(PlatformSocket.message(44, #"{"tid":"231114-1"}"#))
        _ = try await thread { platform.frame("Ack", id: 44) }
        let paths = platform.state.withLock { $0.connections.map(\.request.path) }
        #expect(paths.count == 2 && paths[0].hasPrefix("/message/app/1700000000000/") && paths[1].hasPrefix("/message/app/1700000005000/"))
        task.cancel()
        await task.value
    }
}

/// Runs what blocks on a thread of its own; a nil is a time that has passed.
private func thread<Result: Sendable>(_ body: @escaping @Sendable () -> Result?) async throws -> Result {
    let found: Result? = await withCheckedContinuation { continuation in
        do { try NamedThread("test") { continuation.resume(returning: body()) }.detach() } catch { continuation.resume(returning: nil) }
    }
    return try #require(found)
}
