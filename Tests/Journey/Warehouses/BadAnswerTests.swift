import Contracts
import JSON
import TestSupport
import Testing

/// What partners answer that makes no sense, on a broker of its own: what is counted must not be counted for other tests.
@Suite(.enabled(if: Broker.canBeStarted, "starts brokers: needs KAFKA_HOME with a start script"), .timeLimit(.minutes(10)))
struct BadAnswerTests {
    /// What goes wrong with a call, and what is counted of it.
    struct Case: Sendable {
        var kind: String
        /// A label of `daifa_partner_calls_total`.
        var result: String
        /// Refused for good: a person has to see it.
        var isFinal = false

        init(_ kind: String, _ result: String, isFinal: Bool = false) {
            self.kind = kind
            self.result = result
            self.isFinal = isFinal
        }
    }

    /// After what makes no sense, and after none, the partner is asked; the one that did the work knows it, the other is sent it again.
    private static let common = [
        Case("slow", "ok"), Case("gbk", "ok"), Case("redirect", "outcome-open"), Case("garbage", "outcome-open"),
        Case("html", "outcome-open"), Case("half-body", "outcome-open"), Case("huge", "outcome-open"),
        Case("timeout-after", "outcome-open"), Case("http-500", "outcome-open"), Case("throttle", "throttled"),
        Case("wrong-sign", "rejected", isFinal: true),
    ]

    private static func scenario() async throws -> Scenario {
        let system = try await onThread {
            let sandbox = try PartnerSandbox.shared()
            // So that nobody waits long for an answer that does not come.
            let hurry = [
                "DAIFA_ASK_PAUSES": "0.2,0.4,0.8", "DAIFA_PARTNER_JD_TIMEOUT": "5", "DAIFA_PARTNER_PINDUODUO_TIMEOUT": "5",
            ]
            return try TestSupport.System(broker: try Broker.start(), environment: sandbox.environment.merging(hurry) { $1 })
        }
        return Scenario(system: system, cast: Cast())
    }

    /// Each kind of result was counted at least as often as it was to happen.
    private static func counted(_ cases: [Case], _ partner: String, _ operation: String, _ scenario: Scenario) async throws {
        let shipping = try #require(scenario.system[.shipping])
        for (result, cases) in Dictionary(grouping: cases, by: \.result) {
            let series = #"daifa_partner_calls_total{partner="\#(partner)",operation="\#(operation)",result="\#(result)"}"#
            let value = try await onThread { shipping.metric(series) }
            #expect(value ?? 0 >= Double(cases.count), "\(series)")
        }
    }

    @Test func whateverJDAnswersToACreateTheOrderIsThereOnceOrRefusedAndReleased() async throws {
        let create = "jingdong.eclp.order.addOrder"
        // Code 43: nothing was done.
        let cases = Self.common + [Case("error-200", "unavailable")]
        let scenario = try await Self.scenario()
        try await scenario.register()
        let scene = try await WarehouseScene.linked(in: scenario)
        var orders: [(orderId: String, allocationId: String)] = []
        for item in cases {
            let orderId = try await scene.place()
            try await scene.sandbox.fault(create, item.kind, containing: WarehouseScene.key("\(orderId)/1"))
            orders.append((orderId, try await scene.allocate(orderId)))
        }
        for (item, order) in zip(cases, orders) {
            let (orderId, allocationId) = order
            if item.isFinal {
                let rejected = try await scene.event(OutboundRejected.self, orderId, allocationId)
                #expect(rejected.partnerCode == "12", "\(rejected.reason)")
                let released = try await scene.event(Deallocated.self, orderId, allocationId)
                #expect(released.reason == .targetRejected)
                #expect(try await scene.partnerOrders(allocationId).isEmpty)
                continue
            }
            let number = try await scene.event(OutboundCreated.self, orderId, allocationId).partnerNumber
            #expect(try await scene.partnerOrder(allocationId)["number"]?.string == number, "\(item.kind)")
            #expect(scene.said(orderId).count { $0 == "outbound-created" } == 1)
        }
        try await Self.counted(cases, "jd", create, scenario)
    }

    @Test func whateverAnUploadIsAnsweredTheNumberIsThereOnceOrAPersonSeesWhyNot() async throws {
        let send = "pdd.logistics.online.send"
        // Code 52001: the change may have been made.
        let cases = Self.common + [Case("error-200", "outcome-open")]
        let shop = try await UploadScene.linked(try await Self.scenario())
        var scenes: [UploadScene] = []
        var numbers: [String] = []
        for (index, item) in cases.enumerated() {
            let scene = try await UploadScene.ordered(index + 1, in: shop)
            try await shop.sandbox.fault(send, item.kind, containing: scene.orderSn)
            numbers.append(try await scene.ship().number)
            scenes.append(scene)
        }
        for (item, (scene, number)) in zip(cases, zip(scenes, numbers)) {
            if item.isFinal {
                let failed = try await shop.client.event(UploadFailed.self, key: scene.orderId).body(UploadFailed.self)
                #expect(failed.reason == .partnerRejected && failed.partnerCode == "20004", "\(failed.message ?? "")")
                #expect(try await scene.creates() == 0)
                // Nothing is lost: it is sent when the person says so.
                #expect(try await shop.scenario.accepted(shop.scenario.merchant(scene.retry)).type == UploadConfirmed.type)
            }
            _ = try await scene.confirmed(number)
            #expect(try await scene.creates() == 1, "\(item.kind)")
            #expect(try await scene.atMarketplace()["trackingNumber"]?.string == number, "\(item.kind)")
        }
        try await Self.counted(cases, "pinduoduo", send, shop.scenario)
    }
}
