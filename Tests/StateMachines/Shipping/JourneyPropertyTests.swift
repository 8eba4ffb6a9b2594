import Contracts
import JSON
import Testing

@testable import StateMachines

struct JourneyPropertyTests {
    static let orders = (1...5).map { "O-\($0)" }

    /// Thousands of commands and facts, delivered in random order, a fifth of them more than once.
    private static func run(seed: UInt64, actions: Int = 2000) throws -> Journey {
        let journey = Journey(seed: seed)
        for factory in ["F-1", "F-2"] { journey.tables.put(OrderScene.binding("M-1", factory)) }
        if journey.random.chance(50) {
            let rule = RuleRow(
                merchantShopId: "M-1", ruleId: "R", match: RuleMatch(skuPrefix: "sku-1"), target: Target(.factory, "F-2"), priority: 0,
                version: 0)
            journey.tables.put(rule)
        }
        var sender = RandomSender()
        for _ in 0..<actions {
            sender.act(on: journey)
            for _ in 0..<Int.random(in: 0...4, using: &journey.random) { try journey.step() }
        }
        while try journey.step() {}
        return journey
    }

    @Test(arguments: 1...12)
    func invariantsHoldInAnyInterleaving(seed: UInt64) throws {
        let journey = try Self.run(seed: seed)
        #expect(journey.ledger.violations == [])
        // Sealed is shipped, taken back is not: of the two exactly one.
        #expect(journey.ledger.sealed == journey.ledger.shipped)
        #expect(journey.ledger.shipped.isDisjoint(with: journey.ledger.takenBack))
        #expect(!journey.ledger.shipped.isEmpty && !journey.ledger.takenBack.isEmpty)
    }

    @Test func everyCommandIsAnswered() throws {
        var codes: Set<RefusalCode> = []
        var unready = 0
        for seed in 13...24 {
            let journey = try Self.run(seed: UInt64(seed))
            for (id, type) in journey.commands {
                let events = journey.eventsOf[id] ?? 0
                let refusals = journey.refusalsOf[id] ?? []
                let isAnswered = events > 0 ? refusals.isEmpty : refusals.count == 1
                #expect(isAnswered, "seed \(seed): \(type) \(id): \(events) events, refused \(refusals)")
            }
            #expect(journey.shipments.values.allSatisfy { $0.ships == nil && $0.amends == nil })
            codes.formUnion(journey.refusalsOf.values.joined())
            unready += journey.ledger.unready
        }
        // The runs went through what they are about.
        #expect(unready > 10)
        let expected: Set<RefusalCode> = [
            .notFound, .orderCancelled, .riskHeld, .afterSaleOpen, .awaitingAudit, .alreadyAllocated, .quantityExceeded, .bindingNotActive,
            .notAllocated, .alreadySealed, .waybillNotReturned, .alreadyShipped, .notShipped, .waybillNumberUsed,
        ]
        #expect(codes.isSuperset(of: expected), "never refused with \(expected.subtracting(codes))")
    }

    @Test(arguments: 1...4)
    func replayingAnyFactOrEventChangesAndPublishesNothing(seed: UInt64) throws {
        let journey = try Self.run(seed: seed)
        let orders = journey.orders
        let shipments = journey.shipments
        for envelope in journey.replayable {
            if case .waybill = envelope.payload { continue }
            // Of what alternates the last one counts: an earlier one is news again.
            if [Returned.type, Readdressed.type].contains(envelope.type) { continue }
            #expect(try journey.replay(envelope).map(\.name) == [], "\(envelope.type) \(envelope.id)")
        }
        #expect(journey.orders == orders)
        #expect(journey.shipments == shipments)
    }

    /// The race by itself: an after-sale and a `ship` at the same moment, in every interleaving that chance gives.
    @Test func ofAfterSaleAndShipExactlyOneWins() throws {
        var shipped = 0
        for seed in 1...400 {
            let journey = Journey(seed: UInt64(seed))
            journey.tables.put(OrderScene.binding("M-1", "F-1"))
            var sender = RandomSender()
            sender.fact("O-1", .placed(OrderScene.placed()), OrderPlaced.type, on: journey)
            while try journey.step() {}
            sender.allocate("O-1", nil, to: OrderScene.factory, on: journey)
            while try journey.step() {}
            sender.giveBack("O-1/1", of: "O-1", on: journey)
            while try journey.step() {}
            let ship = sender.ship("O-1", nil, on: journey)
            for _ in 0..<Int.random(in: 0...3, using: &journey.random) { try journey.step() }
            sender.fact("O-1", OrderScene.afterSaleOpened(), AfterSaleOpened.type, on: journey)
            while try journey.step() {}
            let isShipped = journey.ledger.shipped == ["O-1/1"]
            #expect(journey.ledger.takenBack == (isShipped ? [] : ["O-1/1"]))
            // By the after-sale itself when the seal is refused, by the lost allocation when that is known to shipping already.
            let refusals = journey.refusalsOf[ship]
            #expect(isShipped ? refusals == nil : refusals == [.notAllocated] || refusals == [.afterSaleOpen])
            #expect(journey.ledger.violations == [])
            if isShipped { shipped += 1 }
        }
        #expect((20...380).contains(shipped))
    }
}

/// Merchants, factories and marketplaces that do what they like.
struct RandomSender {
    private var count = 0
    private var sent: [(envelope: Journey.Envelope, service: ServiceName, topic: String)] = []

    mutating func act(on journey: Journey) {
        let orderId = journey.random.pick(JourneyPropertyTests.orders)
        let number = Int.random(in: 1...max(1, journey.orders[orderId]?.lastNumber ?? 1), using: &journey.random)
        let allocationId = "\(orderId)/\(number)"
        let afterSale = journey.random.pick(["A-1", "A-2"])
        switch Int.random(in: 0..<200, using: &journey.random) {
        case 0..<10: place(orderId, on: journey)
        case 10..<14: fact(orderId, OrderScene.riskHeld, RiskHeld.type, on: journey)
        case 14..<22: fact(orderId, OrderScene.riskCleared, RiskCleared.type, on: journey)
        case 22..<25: fact(orderId, OrderScene.afterSaleOpened("\(afterSale)-\(count)"), AfterSaleOpened.type, on: journey)
        case 25..<26: fact(orderId, OrderScene.afterSaleClosed("\(afterSale)-\(count)"), AfterSaleClosed.type, on: journey)
        case 26..<36: closeAfterSales(orderId, on: journey)
        case 36: if count > 900 { endOrder(orderId, on: journey) }
        case 37..<42: fact(orderId, OrderScene.addressChanged("区 \(count)"), AddressChanged.type, on: journey)
        case 42..<80: allocate(orderId, on: journey)
        case 80..<90: deallocate(orderId, journey.random.chance(50) ? allocationId : nil, on: journey)
        case 90..<95: approve(orderId, on: journey)
        case 95..<135: giveBack(allocationId, of: orderId, on: journey)
        case 135..<165: _ = ship(orderId, journey.random.chance(60) ? allocationId : nil, on: journey)
        case 165..<175: amend(orderId, allocationId, on: journey)
        default:
            // A copy: same id, same place.
            if let copy = sent.randomElement(using: &journey.random) { journey.send(copy.envelope, to: copy.service, topic: copy.topic) }
        }
    }

    private mutating func send(
        _ type: String, _ key: String, _ actor: Actor, _ payload: Journey.Payload, to service: ServiceName, topic: String,
        on journey: Journey
    ) -> String {
        count += 1
        let envelope = Journey.Envelope(
            id: "\(service.rawValue)-\(count)", type: type, key: key, actor: actor,
            time: count + Int.random(in: -20...20, using: &journey.random), payload: payload)
        sent.append((envelope, service, topic))
        journey.send(envelope, to: service, topic: topic)
        return envelope.id
    }

    mutating func fact(_ orderId: String, _ input: OrderMachine.Input, _ type: String, on journey: Journey) {
        _ = send(
            type, orderId, Actor(.partner, "pinduoduo"), .order(input.of(orderId)), to: .allocation, topic: Topics.orders, on: journey)
    }

    private mutating func command(_ input: OrderMachine.Input, _ type: String, _ orderId: String, on journey: Journey) {
        _ = send(
            type, orderId, OrderScene.owner, .order(input), to: .allocation, topic: ServiceName.allocation.commands, on: journey)
    }

    private mutating func place(_ orderId: String, on journey: Journey) {
        let quantities = (0..<Int.random(in: 1...3, using: &journey.random)).map { _ in Int.random(in: 50...200, using: &journey.random) }
        fact(orderId, .placed(OrderScene.placed(quantities, awaitsAudit: journey.random.chance(30))), OrderPlaced.type, on: journey)
    }

    private mutating func closeAfterSales(_ orderId: String, on journey: Journey) {
        for afterSale in journey.orders[orderId]?.afterSales ?? [] where afterSale.stage == .open {
            fact(orderId, OrderScene.afterSaleClosed(afterSale.id), AfterSaleClosed.type, on: journey)
        }
    }

    private mutating func endOrder(_ orderId: String, on journey: Journey) {
        if journey.random.chance(50) {
            fact(orderId, OrderScene.cancelled(), OrderCancelled.type, on: journey)
        } else {
            fact(orderId, OrderScene.afterSaleClosed("A-9", outcome: "refunded"), AfterSaleClosed.type, on: journey)
        }
    }

    private mutating func allocate(_ orderId: String, on journey: Journey) {
        var lines: [LineQuantity]?
        if journey.random.chance(97) {
            lines = ["L1", "L2"].prefix(Int.random(in: 1...2, using: &journey.random)).map {
                LineQuantity(lineId: $0, quantity: journey.random.chance(95) ? 1 : 100)
            }
        }
        allocate(orderId, lines, to: Target(.factory, journey.random.pick(["F-1", "F-1", "F-2", "F-9"])), on: journey)
    }

    mutating func allocate(_ orderId: String, _ lines: [LineQuantity]?, to target: Target, on journey: Journey) {
        let command = Allocate(orderId: orderId, merchantShopId: "M-1", target: target, lines: lines)
        self.command(.allocate(command), Allocate.type, orderId, on: journey)
    }

    private mutating func deallocate(_ orderId: String, _ allocationId: String?, on journey: Journey) {
        let command = Deallocate(orderId: orderId, merchantShopId: "M-1", allocationId: allocationId)
        self.command(.deallocate(command), Deallocate.type, orderId, on: journey)
    }

    private mutating func approve(_ orderId: String, on journey: Journey) {
        let command = ApproveOrder(orderId: orderId, merchantShopId: "M-1")
        self.command(.approve(command), ApproveOrder.type, orderId, on: journey)
    }

    mutating func giveBack(_ allocationId: String, of orderId: String, on journey: Journey) {
        let command = Return(orderId: orderId, allocationId: allocationId, factoryShopId: "", carrier: "YTO", waybillNumber: "YT\(count)")
        _ = send(
            Return.type, orderId, Actor(.factory, "F-1"), .waybill(.return(command)), to: .waybill, topic: ServiceName.waybill.commands,
            on: journey)
    }

    mutating func ship(_ orderId: String, _ allocationId: String?, on journey: Journey) -> String {
        let command = Ship(orderId: orderId, allocationId: allocationId, merchantShopId: "M-1")
        return send(
            Ship.type, orderId, OrderScene.owner, .shipment(.ship(command)), to: .shipping, topic: ServiceName.shipping.commands,
            on: journey)
    }

    private mutating func amend(_ orderId: String, _ allocationId: String, on journey: Journey) {
        let command = Amend(
            orderId: orderId, allocationId: allocationId, merchantShopId: "M-1", carrier: "YTO", waybillNumber: "yt\(count)")
        _ = send(
            Amend.type, orderId, OrderScene.owner, .shipment(.amend(command)), to: .shipping, topic: ServiceName.shipping.commands,
            on: journey)
    }
}

extension OrderMachine.Input {
    /// The same fact about another order.
    fileprivate func of(_ orderId: String) -> OrderMachine.Input {
        switch self {
        case .placed(var fact):
            fact.orderId = orderId
            return .placed(fact)
        case .addressChanged(var fact):
            fact.orderId = orderId
            return .addressChanged(fact)
        case .afterSaleOpened(var fact):
            fact.orderId = orderId
            return .afterSaleOpened(fact)
        case .afterSaleClosed(var fact):
            fact.orderId = orderId
            return .afterSaleClosed(fact)
        case .riskHeld(var fact):
            fact.orderId = orderId
            return .riskHeld(fact)
        case .riskCleared(var fact):
            fact.orderId = orderId
            return .riskCleared(fact)
        case .cancelled(var fact):
            fact.orderId = orderId
            return .cancelled(fact)
        case .unallocated(var fact):
            fact.orderId = orderId
            return .unallocated(fact)
        case .reassigned(var fact):
            fact.orderId = orderId
            return .reassigned(fact)
        case .allocate, .deallocate, .approve, .seal, .release, .shreds: return self
        }
    }
}
