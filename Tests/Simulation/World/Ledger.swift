import Contracts
import JSON
import Machines
import StateMachines
import Threads

@testable import Kafka
@testable import Runtime

/// What every sender has asked for, what the contract says must come of it, and what has: kept from the events alone, by another way than the
/// services'. An answer is known by its correlation: the id of the message that began the conversation.
final class Ledger {
    /// One message of a script, and the types of all events that follow from it, each once.
    struct Stage {
        var topic: String
        var type: String
        var key: String
        var body: [UInt8]
        var actor: Actor?
        var events: [String]
    }

    private struct Progress {
        var stages: [Stage]
        var current = -1
        var seen: [[String]]
    }

    enum Verdict: Equatable {
        case doubled(String)
        case wrong(String)
    }

    private var scripts: [Progress] = []
    private var ids: Set<[UInt8]> = []
    private(set) var verdicts: [Verdict] = []
    /// Scripts whose next message may be sent.
    private var ready: [Int] = []
    private(set) var answered = 0
    private(set) var open = 0

    func add(_ stages: [Stage]) {
        ready.append(scripts.count)
        scripts.append(Progress(stages: stages, seen: stages.map { _ in [] }))
        open += 1
    }

    /// The next message to be sent, with its id.
    func next() -> (stage: Stage, id: String)? {
        guard !ready.isEmpty else { return nil }
        let script = ready.removeFirst()
        scripts[script].current += 1
        let current = scripts[script].current
        return (scripts[script].stages[current], "s\(script).\(current)")
    }

    /// Scripts that wait for something, each with what is missing.
    var missing: [String] {
        scripts.enumerated().compactMap { number, script in
            guard script.current < script.stages.count else { return nil }
            guard script.current >= 0 else { return "s\(number) never began" }
            let left = script.stages[script.current].events.filter { !script.seen[script.current].contains($0) }
            return left.isEmpty ? nil : "s\(number).\(script.current) lacks \(left)"
        }
    }

    /// A committed record of an events topic.
    func saw(type: String, id: [UInt8], correlation: String) {
        if !ids.insert(id).inserted { verdicts.append(.doubled("\(type) with the id \(String(decoding: id, as: UTF8.self))")) }
        guard correlation.hasPrefix("s") else { return }
        let parts = correlation.dropFirst().split(separator: ".")
        guard parts.count == 2, let script = Int(parts[0]), let stage = Int(parts[1]), script < scripts.count,
            stage < scripts[script].stages.count
        else { return verdicts.append(.wrong("\(type) of \(correlation)")) }
        let expected = scripts[script].stages[stage].events
        guard expected.contains(type) else { return verdicts.append(.wrong("\(type) of \(correlation)")) }
        guard !scripts[script].seen[stage].contains(type) else { return verdicts.append(.doubled("\(type) of \(correlation)")) }
        if stage != scripts[script].current { verdicts.append(.wrong("\(type) of \(correlation), which was over")) }
        scripts[script].seen[stage].append(type)
        guard scripts[script].seen[stage].count == expected.count else { return }
        answered += 1
        if stage + 1 < scripts[script].stages.count {
            ready.append(script)
        } else {
            scripts[script].current += 1
            open -= 1
        }
    }
}

/// The scripts that senders follow.
struct Scripts {
    static let merchant = "shop-m"
    static let factory = "shop-f"
    static let warehouse = "W-1"
    private static let asMerchant = Actor(.merchant, merchant)
    private static let asFactory = Actor(.factory, factory)
    private static let address = Address(country: "CN", province: "浙江省", city: "金华市", district: "义乌市", detail: "北苑街道1号")
    private static let sender = Sender(name: "仓库小王", phone: "13800000000", address: address)

    static func tables() -> TableCache {
        let tables = TableCache()
        let back = StoredAddress(addressId: "r1", kind: .return, name: "退货组", phone: "13800000001", address: address, default: true)
        put(
            ParticipantRow(
                shopId: merchant, role: .merchant, shopAlias: "小店", sender: sender, acceptedTerms: Terms.required, addresses: [back],
                version: 1), tables)
        put(
            ParticipantRow(
                shopId: factory, role: .factory, name: "义乌一厂", contact: Contact(name: "老李", phone: "13900000000"), address: address,
                addresses: [], version: 1), tables)
        put(
            BindingRow(
                merchantShopId: merchant, factoryShopId: factory, state: .active, shopAlias: "小店", sender: Verbatim(sender)), tables)
        put(
            WarehouseRow(
                warehouseId: warehouse, code: "", provider: "jd-fulfillment", merchantShopId: merchant, pin: "", departmentCode: "",
                warehouseCode: "", messageSubscription: true, authorizationId: "", api: "", state: .active, version: 1), tables)
        return tables
    }

    private static func put(_ row: some TableRow, _ tables: TableCache) {
        do { try tables.apply(type(of: row).table, key: Array(row.key.utf8), value: row.json) } catch {
            preconditionFailure("a row cannot be read: \(error)")
        }
    }

    private static func stage<Body: Contracts.Message>(_ body: Body, _ actor: Actor?, _ events: [any Contracts.Message.Type])
        -> Ledger.Stage
    {
        Ledger.Stage(
            topic: Body.contract.topic, type: Body.type, key: Body.contract.key(of: body) ?? "", body: body.json, actor: actor,
            events: events.map { $0.type })
    }

    private static func placed(_ order: String, _ now: Timestamp) -> Ledger.Stage {
        let line = PlacedLine(lineId: "1", sku: "SKU-1", name: "杯子", spec: "红", quantity: 2)
        let sealed = Sealed(keyId: "test", enc: "AAAA", ciphertext: "AAAA")
        let fact = OrderPlaced(
            orderId: order, merchantShopId: merchant, platform: "pinduoduo", platformOrderNumber: "no-\(order)", placedAt: now, remark: "",
            lines: [line],
            recipient: PlacedRecipient(province: "广东省", city: "深圳市", district: "南山区", sealed: Verbatim(sealed)))
        return stage(fact, Actor(.connector, "model"), [OrderRegistered.self])
    }

    private static func allocate(_ order: String) -> Ledger.Stage {
        let command = Allocate(orderId: order, merchantShopId: merchant, target: Target(.factory, factory))
        return stage(command, asMerchant, [Allocated.self, Opened.self])
    }

    private static func ship(_ order: String, _ number: Int) -> [Ledger.Stage] {
        let allocation = "\(order)/\(number)"
        let digits = String(1_000_000_000_000 + (Int(order.dropFirst(2)) ?? 0) * 10 + number)
        let back = Return(orderId: order, allocationId: allocation, factoryShopId: factory, carrier: "YTO", waybillNumber: "YT\(digits)")
        let ship = Ship(orderId: order, allocationId: allocation, merchantShopId: merchant)
        return [stage(back, asFactory, [Returned.self, Ready.self]), stage(ship, asMerchant, [AllocationSealed.self, Shipped.self])]
    }

    /// An order's way, of one of several kinds.
    static func order(_ number: Int, kind: Int, _ now: Timestamp) -> [Ledger.Stage] {
        let order = "O-\(number)"
        switch kind {
        case 0:
            let back = Deallocate(orderId: order, merchantShopId: merchant)
            return [
                placed(order, now), allocate(order), stage(back, asMerchant, [Deallocated.self, Voided.self]), allocate(order),
            ] + ship(order, 2)
        case 1:
            let command = Allocate(orderId: order, merchantShopId: merchant, target: Target(.factory, factory))
            var refused = stage(command, asMerchant, [])
            refused.events = [Refused.type(of: .allocation)]
            return [refused, placed(order, now), allocate(order)] + ship(order, 1)
        case 2: return number.isMultiple(of: 2) ? pair(number) : channel(number)
        case 3:
            let command = Allocate(orderId: order, merchantShopId: merchant, target: Target(.warehouse, warehouse))
            return [
                placed(order, now),
                stage(command, asMerchant, [Allocated.self, RecipientResealed.self, AllocationSealed.self, OutboundCreated.self]),
            ]
        default: return [placed(order, now), allocate(order)] + ship(order, 1)
        }
    }

    /// A merchant's shop at a marketplace, and what it is to do.
    private static func channel(_ number: Int) -> [Ledger.Stage] {
        let channel = "c-\(number)"
        let creation = CreateChannel(
            channelId: channel, merchantShopId: merchant, name: "旗舰店", platform: .pinduoduo, platformShopId: "\(1_000_000 + number)",
            contact: ChannelContact(name: "小王", phone: "13800000000"), company: "义乌小店")
        func policy(_ uploads: Bool) -> Ledger.Stage {
            let command = SetPolicy(
                channelId: channel, downloadOrders: false, orderTypes: [.own], transferToAudit: true, uploadLogistics: uploads,
                syncStock: false)
            return stage(command, asMerchant, [PolicySet.self])
        }
        return [stage(creation, asMerchant, [ChannelCreated.self]), policy(true), policy(false)]
    }

    /// A merchant and a factory that find each other.
    private static func pair(_ number: Int) -> [Ledger.Stage] {
        let (merchant, factory) = ("m-\(number)", "f-\(number)")
        let registration = RegisterMerchant(shopId: merchant, shopAlias: "小店", sender: sender, acceptedTerms: Terms.required)
        let other = RegisterFactory(
            shopId: factory, name: "义乌一厂", contact: Contact(name: "老李", phone: "13900000000"), address: address)
        return [
            stage(registration, Actor(.merchant, merchant), [MerchantRegistered.self]),
            stage(other, Actor(.factory, factory), [FactoryRegistered.self]),
            stage(Apply(merchantShopId: merchant, factoryShopId: factory, message: ""), Actor(.merchant, merchant), [Applied.self]),
            stage(Approve(merchantShopId: merchant, factoryShopId: factory), Actor(.factory, factory), [Approved.self]),
        ]
    }
}
