import Contracts
import JSON
import Machines
import Testing
import Threads

@testable import StateMachines

/// A channel's downloads as the channel drives them.
private struct DownloadsScene {
    var downloads = ChannelDownloads()
    var source: DownloadSource? = Self.source([.own])
    let now = Timestamp(milliseconds: 1_700_000_000_000)

    static func source(_ types: [OrderType], factory: Bool = false) -> DownloadSource {
        var source = DownloadSource()
        source.channelId = "C-1"
        source.authorizationId = "A-1"
        source.owner = "shop-1"
        source.ownerIsFactory = factory
        source.orderTypes = types
        return source
    }

    private mutating func apply(_ steps: [ChannelDownloads.Step]) throws -> [Emission] {
        let outbox = RecordingOutbox(
            handling: Origin(id: "cause", type: "", key: "channel:C-1", correlationId: "cause"), of: ChannelMachine.self)
        for step in steps {
            downloads.apply(step)
            step.publish(to: outbox)
        }
        downloads = try ChannelDownloads.decode(downloads.json)
        return outbox.emissions
    }

    mutating func arrange() throws -> [Emission] { try apply(downloads.arranged(source, channelKey: "channel:C-1")) }

    mutating func tell(_ input: ChannelDownloads.Input) throws -> [Emission] {
        let context = Context(
            origin: Origin(id: "effect", type: "", key: "channel:C-1", correlationId: "effect"),
            actor: Actor(.service, "authorization"), time: now, now: now, tables: MemoryTables(),
            settings: Settings(orderDownloadInterval: 60))
        return try apply(downloads.steps(input, source, context))
    }

    func seconds(_ due: Timestamp?) -> Int? { due.map { ($0.milliseconds - now.milliseconds) / 1000 } }
}

extension Emission {
    fileprivate var download: DownloadOrders? { if case .effect(let effect, _, _) = self { effect as? DownloadOrders } else { nil } }
    fileprivate var due: Timestamp? { if case .effect(_, let due, _) = self { due } else { nil } }
}

@Suite
struct ChannelDownloadsTests {
    private static let bounds = DownloadBounds(from: 0, to: 1_800_000, isLatest: false)

    @Test(arguments: [
        ([OrderType.own], false, ["orders", "after-sales"]), ([.factoryDropship], true, ["factory-orders"]),
        ([.own, .factoryDropship], true, ["orders", "after-sales", "factory-orders"]), ([.factoryDropship], false, []), ([], true, []),
    ])
    func isWhatItsPolicySays(types: [OrderType], factory: Bool, lists: [String]) throws {
        var scene = DownloadsScene()
        scene.source = DownloadsScene.source(types, factory: factory)
        let emissions = try scene.arrange()
        #expect(emissions.compactMap(\.download).map(\.list.rawValue) == lists)
        #expect(emissions.contains { $0.name == "effect permit-messages" } == !lists.isEmpty)
        // Asked for once for each authorization.
        #expect(try !scene.arrange().contains { $0.name == "effect permit-messages" })
    }

    @Test
    func stopsWithoutItsPolicyKeepsItsPlaceAndGoesOnFromThere() throws {
        var scene = DownloadsScene()
        let effect = try #require(try scene.arrange().first?.download)
        _ = try scene.tell(.page(effect, .page(DownloadedPage(bounds: Self.bounds, total: 3))))
        let second = DownloadBounds(from: 1_799_000, to: 3_600_000, isLatest: false)
        _ = try scene.tell(.page(effect, .page(DownloadedPage(bounds: second, total: 300))))
        let source = scene.source
        scene.source = nil
        #expect(try scene.arrange().map(\.name) == ["no download-orders", "no download-orders"])
        #expect(try scene.arrange().isEmpty)
        // An answer that was on its way.
        #expect(try scene.tell(.page(effect, .page(DownloadedPage(bounds: Self.bounds, total: 3)))).isEmpty)
        scene.source = source
        let resumed = try #require(try scene.arrange().first?.download)
        #expect(resumed.readTo == 1_800_000)
        // Not the window that was left in the middle: the platform may have dropped it.
        #expect(resumed.bounds == nil && resumed.page == 1)
    }

    @Test
    func anotherPolicyMeanwhileReadsTheWindowOn() throws {
        var scene = DownloadsScene()
        let effect = try #require(try scene.arrange().first?.download)
        _ = try scene.tell(.page(effect, .page(DownloadedPage(bounds: Self.bounds, total: 300))))
        scene.source?.awaitsAudit = true
        let next = try #require(try scene.arrange().first?.download)
        #expect(next.bounds == Self.bounds && next.page == 3 && next.source.awaitsAudit)
    }

    @Test
    func aPagesOrdersGoToTheirShardsAndTheNextPageOrWindowIsReadAtOnce() throws {
        var scene = DownloadsScene()
        let effect = try #require(try scene.arrange().first?.download)
        var page = DownloadedPage(bounds: Self.bounds, total: 101, orders: [SeenOrderScene.order(at: 1)])
        var emissions = try scene.tell(.page(effect, .page(page)))
        #expect(emissions.map(\.name) == ["tell order-seen", "effect download-orders"])
        #expect(emissions.last?.download?.page == 2)
        #expect(emissions.last?.due == nil)
        guard case .item(_, let shard, _)? = emissions.first else { return #expect(Bool(false), "no item") }
        #expect(shard == SeenOrderScene.orderId)
        page.orders = []
        _ = try scene.tell(.page(effect, .page(page)))
        emissions = try scene.tell(.page(effect, .page(page)))
        #expect(emissions.map(\.name) == ["effect download-orders"])
        #expect(emissions.last?.download?.readTo == 1_800_000)
        #expect(emissions.last?.due == nil)
    }

    @Test
    func whatHasCaughtUpIsReadAgainAfterTheInterval() throws {
        var scene = DownloadsScene()
        let effect = try #require(try scene.arrange().first?.download)
        let latest = DownloadBounds(from: 0, to: 5000, isLatest: true)
        let answers: [DownloadOrders.Answer] = [.page(DownloadedPage(bounds: latest, total: 0)), .nothingYet]
        for answer in answers {
            let emissions = try scene.tell(.page(effect, answer))
            #expect(emissions.map(\.name) == ["effect download-orders"])
            #expect(scene.seconds(emissions.first?.due) == 60)
        }
    }

    @Test
    func aRefusalIsToldOnceUntilTheListComesAgain() throws {
        var scene = DownloadsScene()
        let effect = try #require(try scene.arrange().first?.download)
        let refusal = ChannelDownloads.Input.page(effect, .refused(code: "20031", detail: "no permission"))
        let emissions = try scene.tell(refusal)
        #expect(emissions.map(\.name) == ["download-failed", "effect download-orders"])
        #expect(scene.seconds(emissions.last?.due) == ChannelDownloads.refusedPause / 1000)
        guard case .event(let message, let key, _)? = emissions.first, let failed = message as? DownloadFailed else {
            return #expect(Bool(false), "no event")
        }
        #expect(key == "channel:C-1")
        #expect(failed.merchantShopId == "shop-1" && failed.factoryShopId == nil && failed.code == "20031" && failed.kind == .orders)
        #expect(try scene.tell(refusal).map(\.name) == ["effect download-orders"])
        _ = try scene.tell(.page(effect, .page(DownloadedPage(bounds: Self.bounds, total: 0))))
        #expect(try scene.tell(refusal).map(\.name) == ["download-failed", "effect download-orders"])
    }

    @Test
    func aMessageHasItsOrderReadAtOnceIfItIsOfATypeThatIsDownloaded() throws {
        var scene = DownloadsScene()
        _ = try scene.arrange()
        var item = OrderPushed(channelId: "C-1", messageId: "7", order: PlatformOrder("231114-1"))
        let emissions = try scene.tell(.pushed(item))
        #expect(emissions.map(\.name) == ["effect download-order"])
        #expect(emissions.first?.due == nil)
        guard case .effect(let effect as DownloadOrder, _, _)? = emissions.first else { return #expect(Bool(false), "no effect") }
        #expect(try scene.tell(.order(effect, .seen(SeenOrderScene.order(at: 1)))).map(\.name) == ["tell order-seen"])
        #expect(try scene.tell(.order(effect, .none)).isEmpty)
        item.order.shopMask = "mask"
        #expect(try scene.tell(.pushed(item)).isEmpty)
        scene.source = nil
        item.order.shopMask = nil
        #expect(try scene.tell(.pushed(item)).isEmpty)
    }
}
