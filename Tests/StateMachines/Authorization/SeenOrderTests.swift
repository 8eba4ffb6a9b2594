import Contracts
import JSON
import Machines
import Testing
import Threads

@testable import StateMachines

/// An order as it is seen again and again, and what was told of it.
struct SeenOrderScene {
    static let orderId = "pdd:231114-1"
    private(set) var state = SeenOrder()
    private(set) var told: [(fact: any Message, id: String, time: Timestamp)] = []
    private var clock = 1000

    /// What is told because of it, each by its short name.
    @discardableResult mutating func see(_ input: SeenOrderMachine.Input) throws -> [String] {
        let origin = Origin(id: "page", type: "", key: "channel:C", correlationId: "page")
        let now = Timestamp(milliseconds: 1)
        let context = Context(origin: origin, actor: Actor(.service, "authorization"), time: now, now: now, tables: MemoryTables())
        guard case .accept(let events) = SeenOrderMachine.decide(state, input, context) else {
            Issue.record("what is seen is never refused")
            return []
        }
        let outbox = RecordingOutbox(handling: origin, of: SeenOrderMachine.self, input)
        for event in events {
            SeenOrderMachine.evolve(&state, event)
            event.publish(to: outbox)
        }
        state = try SeenOrder.decode(state.json)
        for case .fact(let fact, let key, let id, let time) in outbox.emissions {
            #expect(key == Self.orderId)
            told.append((fact, id, time))
        }
        return outbox.emissions.map { String($0.name.dropFirst("fact ".count)) }
    }

    /// Sees the order one second later, asked for one second later.
    @discardableResult mutating func see(_ change: (inout OrderSeen) -> Void = { _ in }) throws -> [String] {
        clock += 1000
        return try see(.order(Self.order(at: clock, change)))
    }

    /// An order to be shipped that nothing holds.
    static func order(at time: Int, _ change: (inout OrderSeen) -> Void = { _ in }) -> OrderSeen {
        var seen = OrderSeen(
            orderId: orderId, readAt: Timestamp(milliseconds: time + 200_000), updatedAt: Timestamp(milliseconds: time), placed: placed,
            recipientMark: "door-1", isUnderRisk: false, afterSale: SeenAfterSale(nil), isCancelled: false)
        change(&seen)
        return seen
    }

    static var placed: OrderPlaced {
        let line = PlacedLine(lineId: "1", sku: "", name: "", spec: "", quantity: 2)
        return OrderPlaced(
            orderId: orderId, merchantShopId: "m-1", platform: "pinduoduo", platformOrderNumber: "231114-1",
            placedAt: Timestamp(milliseconds: 1_000_000), remark: "", lines: [line],
            recipient: PlacedRecipient(province: "浙江省", city: "杭州市", district: "西湖区"))
    }

    static func afterSale(_ id: String, _ stage: AfterSaleStage) -> SeenOrderMachine.Input {
        let seen = AfterSaleSeen(orderId: orderId, afterSaleId: id, stage: stage, readAt: Timestamp(milliseconds: 0))
        return .afterSale(seen)
    }

    static func hide(_ seen: inout OrderSeen) {
        seen.placed = nil
        seen.recipientMark = nil
    }
}

@Suite
struct SeenOrderTests {
    private static func scene(_ name: String) throws -> SeenOrderScene {
        var scene = SeenOrderScene()
        if name != "new" { try scene.see() }
        switch name {
        case "new", "placed": break
        case "held":
            try scene.see {
                $0.isUnderRisk = true
                SeenOrderScene.hide(&$0)
            }
        case "open": try scene.see { $0.afterSale = SeenAfterSale(.open) }
        case "over":
            try scene.see { $0.afterSale = SeenAfterSale(.open) }
            try scene.see()
        default: Issue.record("the table names a state that this test does not know: \(name)")
        }
        return scene
    }

    private static func change(_ name: String) -> (inout OrderSeen) -> Void {
        switch name {
        case "normal": return { _ in }
        case "under risk":
            return {
                $0.isUnderRisk = true
                SeenOrderScene.hide(&$0)
            }
        case "another recipient": return { $0.recipientMark = "door-2" }
        case "after-sale open": return { $0.afterSale = SeenAfterSale(.open, kind: "refund") }
        case "after-sale refunded": return { $0.afterSale = SeenAfterSale(.refunded) }
        case "cancelled":
            return {
                $0.isCancelled = true
                SeenOrderScene.hide(&$0)
            }
        case "taken back":
            return {
                $0.isAssigned = false
                SeenOrderScene.hide(&$0)
            }
        default:
            Issue.record("the table names a row that this test does not know: \(name)")
            return { _ in }
        }
    }

    @Test
    func becomesWhatTheTableSays() throws {
        let header = "| seen | new | placed | held | open | over |"
        let rows = try docstringRows(of: "Shared/StateMachines/Authorization/Downloads/SeenOrderMachine.swift", header: header)
        #expect(rows.count == 7)
        let columns = header.split(separator: "|").map { $0.split(separator: " ").joined(separator: " ") }
            .filter { !$0.isEmpty }
        for row in rows {
            #expect(row.count == columns.count)
            for (column, expected) in zip(columns, row).dropFirst() {
                var scene = try Self.scene(column)
                let told = try scene.see(Self.change(row[0]))
                #expect((told.isEmpty ? "–" : told.joined(separator: " ")) == expected, "\(row[0]), \(column)")
            }
        }
    }

    @Test
    func isGivenToItsFactoryAgainAsOftenAsItWasTakenBack() throws {
        var scene = try Self.scene("placed")
        for _ in 1...2 {
            #expect(try scene.see(Self.change("taken back")) == ["unallocated"])
            // With a number already it is another's to ship.
            let carriesNumber: (inout OrderSeen) -> Void = {
                $0.isAssigned = true
                SeenOrderScene.hide(&$0)
            }
            #expect(try scene.see(carriesNumber) == [])
            let toAnother: (inout OrderSeen) -> Void = {
                $0.isAssigned = true
                $0.placed?.allocatedTo = "F-2"
            }
            #expect(try scene.see(toAnother) == [])
            #expect(try scene.see { $0.isAssigned = true } == ["reassigned"])
            #expect(try scene.see { $0.isAssigned = true } == [])
        }
        let stamps = scene.told.map(\.time)
        #expect(Set(scene.told.map(\.id)).count == scene.told.count && stamps == stamps.sorted())
    }

    @Test
    func tellsNothingTheSecondTime() throws {
        for row in ["normal", "under risk", "another recipient", "after-sale open", "after-sale refunded", "cancelled", "taken back"] {
            for name in ["new", "placed", "held", "open", "over"] {
                var scene = try Self.scene(name)
                try scene.see(Self.change(row))
                #expect(try scene.see(Self.change(row)) == [], "\(row), \(name)")
            }
        }
    }

    @Test
    func isPassedOverWhenItIsOlder() throws {
        var scene = SeenOrderScene()
        try scene.see(.order(SeenOrderScene.order(at: 5000)))
        #expect(try scene.see(.order(SeenOrderScene.order(at: 4000) { $0.isUnderRisk = true })) == [])
        // Of the same second, but asked for earlier.
        let sameSecond = SeenOrderScene.order(at: 5000) {
            $0.isUnderRisk = true
            $0.readAt = Timestamp(milliseconds: 1)
        }
        #expect(try scene.see(.order(sameSecond)) == [])
        // Without the platform's time it counts when it was asked for.
        let untimed = SeenOrderScene.order(at: 6000) {
            $0.isUnderRisk = true
            $0.updatedAt = nil
        }
        #expect(try scene.see(.order(untimed)) == ["risk-held"])
    }

    @Test
    func isToldAtThePlatformsTimeAndEachFactOfAnOrderLaterThanThoseBefore() throws {
        var scene = SeenOrderScene()
        try scene.see(.order(SeenOrderScene.order(at: 5000)))
        try scene.see(.order(SeenOrderScene.order(at: 5000) { $0.isUnderRisk = true }))
        try scene.see(.order(SeenOrderScene.order(at: 5000) { $0.readAt = Timestamp(milliseconds: 900_000) }))
        #expect(scene.told.map(\.time.milliseconds) == [5000, 5001, 5002])
        #expect(
            scene.told.map(\.id) == [
                "pdd:231114-1/placed", "pdd:231114-1/risk-held/5001", "pdd:231114-1/risk-cleared/5002",
            ])
    }

    @Test
    func aRecipientThatChangesThereAndBackIsToldTwiceWithWhatItIs() throws {
        var scene = SeenOrderScene()
        try scene.see()
        for door in ["door-2", "door-1"] {
            let told = try scene.see {
                $0.recipientMark = door
                $0.placed?.recipient.district = door
            }
            #expect(told == ["address-changed"])
            #expect((scene.told.last?.fact as? AddressChanged)?.recipient.district == door)
        }
        #expect(Set(scene.told.map(\.id)).count == 3)
    }

    @Test
    func anOrderThatWasHeldBeforeItWasSeenIsClearedOneThatIsUntouchedIsNot() throws {
        var touched = SeenOrderScene()
        #expect(try touched.see(.order(SeenOrderScene.order(at: 2_000_000))) == ["risk-cleared", "placed"])
        var untouched = SeenOrderScene()
        #expect(try untouched.see(.order(SeenOrderScene.order(at: 1_000_000))) == ["placed"])
    }

    @Test
    func afterSalesThatTheOrderTellsOfAreCountedAsAClosedIdStaysClosed() throws {
        var scene = SeenOrderScene()
        for _ in 0..<2 {
            try scene.see { $0.afterSale = SeenAfterSale(.open) }
            try scene.see()
        }
        try scene.see { $0.afterSale = SeenAfterSale(.refunded) }
        #expect(
            scene.told.map(\.id) == [
                "pdd:231114-1/after-sale-opened/pdd:231114-1", "pdd:231114-1/placed",
                "pdd:231114-1/after-sale-closed/pdd:231114-1/closed", "pdd:231114-1/after-sale-opened/pdd:231114-1#2",
                "pdd:231114-1/after-sale-closed/pdd:231114-1#2/closed", "pdd:231114-1/after-sale-closed/pdd:231114-1#3/refunded",
            ])
        #expect((scene.told.last?.fact as? AfterSaleClosed)?.outcome == "refunded")
    }

    @Test(arguments: [
        ([AfterSaleStage.open, .open, .closed, .open, .closed], ["after-sale-opened", "after-sale-closed"]),
        ([.open, .refunded, .closed], ["after-sale-opened", "after-sale-closed"]),
        ([.open, .closed, .refunded], ["after-sale-opened", "after-sale-closed", "after-sale-closed"]),
        ([.closed, .open], []), ([.refunded, .open, .refunded], ["after-sale-closed"]),
    ])
    func anAfterSaleOfTheListMovesForwardOnly(stages: [AfterSaleStage], expected: [String]) throws {
        var scene = SeenOrderScene()
        #expect(try stages.flatMap { try scene.see(SeenOrderScene.afterSale("77", $0)) } == expected)
        #expect(Set(scene.told.map(\.id)).count == expected.count)
    }

    @Test
    func whileTheListHasOneOpenTheOrdersOwnWordOpensNoOther() throws {
        var scene = SeenOrderScene()
        try scene.see(SeenOrderScene.afterSale("77", .open))
        #expect(try scene.see { $0.afterSale = SeenAfterSale(.open) } == ["placed"])
        try scene.see(SeenOrderScene.afterSale("77", .refunded))
        #expect(try scene.see { $0.afterSale = SeenAfterSale(.refunded) } == [])
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func inWhateverOrderItComesTheLastWordCounts(seed: UInt64) throws {
        var random = Seeded(seed)
        var history: [OrderSeen] = []
        for step in 1...12 {
            history.append(
                SeenOrderScene.order(at: step * 1000) {
                    $0.isUnderRisk = random.chance(40)
                    $0.recipientMark = "door-\(random.pick([1, 2, 3]))"
                    $0.placed?.recipient.district = $0.recipientMark ?? ""
                    $0.afterSale = SeenAfterSale(random.pick([AfterSaleStage.open, .closed, nil]))
                })
        }
        guard let last = history.last else { return }
        var scene = SeenOrderScene()
        for seen in (history + history).shuffled(using: &random) { try scene.see(.order(seen)) }
        #expect(scene.told.map(\.time) == scene.told.map(\.time).sorted())
        #expect(Set(scene.told.map(\.id)).count == scene.told.count)
        #expect(scene.told.filter { $0.fact is OrderPlaced }.count == 1)
        let risk = scene.told.last { $0.fact is RiskHeld || $0.fact is RiskCleared }
        #expect((risk?.fact is RiskHeld) == last.isUnderRisk)
        let recipient = scene.told.reversed().lazy.compactMap { told -> PlacedRecipient? in
            (told.fact as? AddressChanged)?.recipient ?? (told.fact as? OrderPlaced)?.recipient
        }.first
        #expect(recipient?.district == last.recipientMark)
        var open: Set<String> = []
        for told in scene.told {
            if let opened = told.fact as? AfterSaleOpened { open.insert(opened.afterSaleId) }
            if let closed = told.fact as? AfterSaleClosed { open.remove(closed.afterSaleId) }
        }
        #expect(open.isEmpty == (last.afterSale?.stage != .open))
    }
}
