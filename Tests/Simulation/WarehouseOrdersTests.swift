import Contracts
import JSON
import Machines
import Testing
import Threads

@testable import Runtime
@testable import StateMachines

/// 200,000 orders at partners' warehouses over ninety days, in simulated time: the machines decide, the effects' schedule says when.
///
/// One aggregate stands for a hundred orders that came within the same minute and fare alike: they would do the same at the same times.
struct WarehouseOrdersTests {
    @Test(.timeLimit(.minutes(3))) func theWorkOfAnOrderIsBoundedAndMemoryIsLevel() {
        let model = WarehouseOrders()
        var scheduled: [Int: Int] = [:]
        var loaded: [Int: Int] = [:]
        for day in 0..<90 {
            if day == WarehouseOrders.closingDay { model.close() }
            model.run(day: day)
            scheduled[day] = model.scheduled
            loaded[day] = model.mostLoaded
        }
        #expect(model.orders == 200_000)
        // Each is asked for at most daily, and more often only after one of its few changes.
        #expect(model.mostDecisions <= 120, "\(model.mostDecisions) decisions about one order")
        #expect(model.decisions <= 60 * model.orders, "\(model.decisions / model.orders) decisions an order")
        // Between the day on which the first orders are overdue and the last day on which orders come, as many end as come.
        let (early, late) = (scheduled[40] ?? 0, scheduled[58] ?? 0)
        #expect(late <= early + early / 10, "\(early) effects are scheduled on day 40, \(late) on day 58")
        #expect(loaded.values.max() ?? 0 <= 10_000, "\(loaded.values.max() ?? 0) orders have an effect in memory")
        // Every order has come to its end.
        #expect(model.scheduled == 0 && model.left == 0, "\(model.scheduled) effects are left")
        #expect(model.overdue > 0 && model.shipped > 0)
    }
}

/// Partners, shipping's machine, and a store and a memory of effects.
private final class WarehouseOrders {
    /// How an order fares: after so many hours the partner has this code of it.
    private struct Course {
        var steps: [(hour: Int, code: String)]
        var isPushed = true
        var warehouseId = "W-open"
        /// The partner gives no answer from this hour on.
        var silentFrom = Int.max
    }

    static let closingDay = 45
    private static let weight = 100
    /// Of these and later days no orders come.
    private static let lastDay = 60
    private static let hour = 3_600_000
    private static let usual = [(1, "10010"), (4, "10016"), (8, "10019"), (10, "10020"), (30, "10054"), (60, "10034")]

    /// Of ten orders each.
    private static let courses: [Course] = [
        Course(steps: usual), Course(steps: usual), Course(steps: usual), Course(steps: usual), Course(steps: usual, isPushed: false),
        // Lost at the partner; a carrier that reports nothing; a partner that falls silent.
        Course(steps: []), Course(steps: Array(usual.prefix(4))), Course(steps: usual, isPushed: false, silentFrom: 9),
        Course(steps: usual, isPushed: false, warehouseId: "W-unsubscribed"), Course(steps: [], warehouseId: "W-closing"),
    ]

    private static let states: [String: OutboundState] = [
        "10010": .created, "10016": .picking, "10019": .handedOver, "10020": .shipped, "10054": .inTransit, "10034": .delivered,
    ]

    private struct Order {
        var state = ShipmentState()
        var bornAt = 0
        var decisions = 0
    }

    private struct Stored {
        var effect: any Effect
        var due: Int64
        var origin: Origin
        var generation: Int
    }

    private let tables = TableCache()
    private var aggregates: [Order] = []
    private var effects: [String: Stored] = [:]
    /// The store's effects in their order, and what the partner will push.
    private var store = Agenda()
    private var pushes = Agenda()
    private var memory = EffectSchedule()
    private var generation = 0
    private(set) var overdue = 0
    private(set) var shipped = 0
    /// Since the day began.
    private(set) var mostLoaded = 0

    init() {
        for id in ["W-open", "W-unsubscribed", "W-closing"] { put(id, .active) }
    }

    func close() { put("W-closing", .closed) }

    private func put(_ warehouseId: String, _ state: WarehouseState) {
        let row = WarehouseRow(
            warehouseId: warehouseId, code: "", provider: "jd-fulfillment", merchantShopId: "M-1", pin: "", departmentCode: "",
            warehouseCode: "", messageSubscription: warehouseId != "W-unsubscribed", authorizationId: "", api: "", state: state, version: 0)
        #expect(throws: Never.self) { try tables.apply(.warehouses, key: Array(row.key.utf8), value: row.json) }
    }

    var orders: Int { aggregates.count * Self.weight }
    var decisions: Int { aggregates.reduce(0) { $0 + $1.decisions } * Self.weight }
    var mostDecisions: Int { aggregates.map(\.decisions).max() ?? 0 }
    var scheduled: Int { effects.count * Self.weight }
    var left: Int { (store.count + memory.count) * Self.weight }

    func run(day: Int) {
        mostLoaded = 0
        let births = 200_000 / Self.weight / Self.lastDay
        let rest = 200_000 / Self.weight % Self.lastDay
        let count = day < Self.lastDay ? births + (day < rest ? 1 : 0) : 0
        var born = 0
        for minute in 0..<1440 {
            let now = (day * 1440 + minute) * 60_000
            while born < count, born * 1440 / count <= minute {
                place(now)
                born += 1
            }
            while let push = pushes.next(before: now) { report(push, now) }
            let horizon = now + Int(EffectEngine.horizon(now: Timestamp(milliseconds: 0)))
            while let item = store.next(before: horizon) { if isCurrent(item) { load(item) } }
            memory.arrive(by: now) { _ in "jd" }
            while let (item, partner) = memory.next() {
                memory.ended(partner)
                if isCurrent(item) { perform(item, now) }
            }
            mostLoaded = max(mostLoaded, memory.count * Self.weight)
        }
    }

    private func load(_ item: EffectSchedule.Item) { memory.add(item) { self.isCurrent($0) } }
    private func isCurrent(_ item: EffectSchedule.Item) -> Bool { effects[item.id]?.generation == item.generation }

    // MARK: What happens

    private func course(_ index: Int) -> Course { Self.courses[index % Self.courses.count] }

    private func place(_ now: Int) {
        let index = aggregates.count
        aggregates.append(Order(bornAt: now))
        let orderId = "O-\(index)"
        let line = Line(lineId: "L1", sku: "sku-1", name: "", spec: "", quantity: 1)
        let allocated = Allocated(
            orderId: orderId, allocationId: "\(orderId)/1", merchantShopId: "M-1", shopAlias: "",
            target: Target(.warehouse, course(index).warehouseId), lines: [line], remark: "",
            area: Area(province: "", city: "", district: ""), allocatedAt: Timestamp(milliseconds: 0))
        decide(index, .allocated(allocated), now)
        let resealed = RecipientResealed(
            orderId: orderId, allocationId: "\(orderId)/1", recipientSealed: Sealed(keyId: "key", enc: "enc", ciphertext: "sealed"))
        decide(index, .resealed(resealed), now)
        let sealed = AllocationSealed(orderId: orderId, allocationId: "\(orderId)/1")
        decide(index, .sealed(sealed), now)
        guard course(index).isPushed else { return }
        for step in course(index).steps {
            pushes.add(.init(due: Int64(now + step.hour * Self.hour), shard: 0, id: step.code, generation: index))
        }
    }

    private func report(_ push: EffectSchedule.Item, _ now: Int) {
        let command = ReportStatus(
            orderId: "O-\(push.generation)", partner: "jd-fulfillment", partnerNumber: "ESL-\(push.generation)", statusCode: push.id,
            occurredAt: Timestamp(milliseconds: 0))
        decide(push.generation, .reportStatus(command, reading(push.id)), now, Actor(.partner, "jd-fulfillment"))
    }

    private func reading(_ code: String) -> OutboundStatusReport {
        OutboundStatusReport(
            code: code, state: Self.states[code], occurredAt: Timestamp(milliseconds: 0),
            waybillNumber: Self.states[code]?.isOutOfTheDoor == true ? "JDVA00000000001" : nil)
    }

    private func perform(_ item: EffectSchedule.Item, _ now: Int) {
        guard let stored = effects.removeValue(forKey: item.id) else { return }
        switch stored.effect {
        case let effect as OutboundCreation:
            let index = index(of: effect.orderId)
            decide(index, .created(effect, .created(partnerNumber: "ESL-\(index)", carrier: "JD")), now, origin: stored.origin)
        case let effect as OutboundQuery:
            let index = index(of: effect.orderId)
            let age = (now - aggregates[index].bornAt) / Self.hour
            let code = course(index).steps.last { $0.hour <= age }?.code ?? ""
            let row = tables.warehouse(effect.warehouseId)
            let outcome: OutboundQuery.Outcome =
                if row?.state == .closed {
                    .closed
                } else if row?.messageSubscription != true {
                    .notSubscribed
                } else {
                    age >= course(index).silentFrom ? .unanswered : .reading(reading(code))
                }
            decide(index, .queried(effect, outcome), now, origin: stored.origin)
        default: Issue.record("an effect that nobody carries out: \(item.id)")
        }
    }

    private func index(of orderId: String) -> Int { Int(orderId.dropFirst(2)) ?? 0 }

    private func decide(
        _ index: Int, _ input: ShipmentMachine.Input, _ now: Int, _ actor: Actor = Actor(.service, "shipping"), origin: Origin? = nil
    ) {
        let time = Timestamp(milliseconds: now)
        let origin = origin ?? Origin(id: "message", type: "", key: "O-\(index)", correlationId: "")
        aggregates[index].decisions += 1
        let context = Context(origin: origin, actor: actor, time: time, now: time, tables: tables)
        guard case .accept(let events) = ShipmentMachine.decide(aggregates[index].state, input, context) else {
            Issue.record("refused: \(input)")
            return
        }
        let outbox = TimerOutbox()
        for event in events {
            ShipmentMachine.evolve(&aggregates[index].state, event)
            event.publish(to: outbox)
        }
        for message in outbox.published {
            if message == OutboundOverdue.type { overdue += 1 }
            if message == Shipped.type { shipped += 1 }
        }
        for change in outbox.changes {
            guard let (effect, due, origin) = change.scheduled else {
                effects[change.id] = nil
                continue
            }
            generation += 1
            let at = due.map { Int64($0.milliseconds) } ?? Int64(now)
            effects[change.id] = Stored(effect: effect, due: at, origin: origin ?? context.origin, generation: generation)
            store.add(.init(due: at, shard: 0, id: change.id, generation: generation))
        }
    }
}

/// Keeps what concerns effects, and the types of what is told.
private final class TimerOutbox: Outbox {
    struct Change {
        var id: String
        /// nil: it is dropped.
        var scheduled: (effect: any Effect, due: Timestamp?, origin: Origin?)?
    }

    private(set) var changes: [Change] = []
    private(set) var published: [String] = []

    func event(_ message: some Message, key: String?, origin: Origin?) { published.append(type(of: message).type) }
    func refuse(_ refusal: Refusal, origin: Origin) {}
    func command(_ message: some Message, key: String?, id: String, origin: Origin?) {}
    func row(_ row: some TableRow) {}
    func removeRow(_ key: String, of table: Table) {}
    func tell(_ item: some InternalItem, shardOf key: String, origin: Origin?) {}
    func fact(_ message: some Message, key: String?, id: String, time: Timestamp) {}
    func schedule(_ effect: some Effect, due: Timestamp?, origin: Origin?) {
        changes.append(Change(id: effect.id, scheduled: (effect, due, origin)))
    }
    func cancelEffect(_ id: String) { changes.append(Change(id: id)) }
}
