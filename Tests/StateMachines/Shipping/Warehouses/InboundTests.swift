import Contracts
import Foundation
import JSON
import Machines
import Testing
import Threads

@testable import StateMachines

/// One inbound order: what is sent is decided, evolved, stored and read back, as the service does.
private struct InboundScene {
    let tables = MemoryTables()
    private(set) var state = InboundOrderState()
    private(set) var emissions: [Emission] = []
    private(set) var effects: [String: any Effect] = [:]
    private(set) var due: Timestamp?
    private var count = 0
    private var passed = 0

    init(isSubscribed: Bool = true) {
        let row = WarehouseRow(
            warehouseId: "W-1", code: "", provider: "jd-fulfillment", merchantShopId: "M-1", pin: "", departmentCode: "", warehouseCode: "",
            messageSubscription: isSubscribed, authorizationId: "", api: "", state: .active, version: 0)
        tables.put(row)
    }

    @discardableResult
    mutating func send(_ input: InboundMachine.Input, _ actor: Actor = ShipmentScene.owner, id: String? = nil) throws -> [String] {
        count += 1
        let origin = Origin(id: id ?? "message-\(count)", type: "", key: "I-1", correlationId: "")
        let context = Context(origin: origin, actor: actor, time: now, now: now, tables: tables)
        let outbox = RecordingOutbox(handling: origin, of: InboundMachine.self, input)
        switch InboundMachine.decide(state, input, context) {
        case .refuse(let refusal): outbox.refuse(refusal, origin: origin)
        case .accept(let events):
            for event in events {
                InboundMachine.evolve(&state, event)
                event.publish(to: outbox)
            }
        }
        state = try InboundOrderState.decode(state.json)
        emissions = outbox.emissions
        for emission in emissions {
            switch emission {
            case .effect(let effect, let due, _):
                effects[effect.id] = effect
                self.due = due
            case .cancelledEffect(let id): effects[id] = nil
            default: break
            }
        }
        return emissions.compactMap { emission in
            if case .cancelledEffect = emission { return nil }
            return emission.name.split(separator: " ").last.map(String.init)
        }
    }

    private var now: Timestamp { Timestamp(milliseconds: 1_000_000 + count + passed) }
    mutating func pass(seconds: Int) { passed += seconds * 1000 }
    /// Seconds until what was scheduled last.
    var pause: Int? { due.map { ($0.milliseconds - now.milliseconds + 999) / 1000 } }

    var answers: [String] { emissions.compactMap { emission in emission.answers.map { "\(emission.name) \($0)" } } }

    static func line(_ quantity: Int) -> StockLine {
        StockLine(sku: "sku-1", quantity: quantity)
    }

    @discardableResult
    mutating func create(_ quantity: Int = 5, of merchant: String = "M-1", id: String? = nil) throws -> [String] {
        let command = CreateInbound(inboundId: "I-1", merchantShopId: merchant, warehouseId: "W-1", lines: [Self.line(quantity)])
        return try send(.create(command), Actor(.merchant, merchant), id: id)
    }

    @discardableResult
    mutating func created(_ outcome: InboundCreation.Outcome = .created(partnerNumber: "EPL-1")) throws -> [String] {
        let effect = InboundCreation(state)
        effects[effect.id] = nil
        return try send(.created(effect, outcome), Actor(.service, "shipping"))
    }

    static func reading(_ code: String, received: Int? = nil) -> InboundStatusReport {
        InboundStatusReport(
            code: code, state: ["10": .created, "20": .accepted, "70": .received, "91": .cancelled][code],
            occurredAt: Timestamp(milliseconds: 500), lines: received.map { [PartnerLine(sku: "sku-1", quantity: $0)] })
    }

    @discardableResult
    mutating func report(_ code: String, received: Int? = nil, number: String = "EPL-1") throws -> [String] {
        let command = ReportStatus(
            inboundId: "I-1", partner: "jd-fulfillment", partnerNumber: number, statusCode: code, occurredAt: Timestamp(milliseconds: 0))
        return try send(.reportStatus(command, Self.reading(code, received: received)), OutboundScene.partner)
    }

    @discardableResult
    mutating func pull(of merchant: String = "M-1", id: String? = nil) throws -> [String] {
        let command = PullStatus(inboundId: "I-1", merchantShopId: merchant)
        return try send(.pullStatus(command), Actor(.merchant, merchant), id: id)
    }

    @discardableResult
    mutating func queried(_ outcome: InboundQuery.Outcome, isPoll: Bool, id: String? = nil) throws -> [String] {
        let effect = InboundQuery(state, isPoll: isPoll, commandId: id ?? "")
        return try send(.queried(effect, outcome), Actor(.service, "shipping"), id: id)
    }

    /// The answer of a poll after everybody's patience is over.
    mutating func latePoll() throws -> [String] {
        pass(seconds: Settings.standard.outboundPatience)
        return try queried(.reading(Self.reading("")), isPoll: true)
    }

    mutating func bring(to name: String) throws {
        if name == "none" { return }
        try create()
        if name == "creating" { return }
        if name == "unknown" { return _ = try created(.unknown) }
        try created()
        try report(name == "created" ? "10" : "20")
    }
}

struct InboundTests {
    private static let header = "| inbound | create-inbound | created | rejected | closed | unknown | 20 | 10 | late | pull-status |"

    @Test func machineDoesWhatTheTableSays() throws {
        let rows = try docstringRows(of: "Shared/StateMachines/Shipping/InboundMachine.swift", header: Self.header)
        #expect(rows.map { $0.first ?? "" } == ["none", "creating", "unknown", "created", "accepted"])
        let columns = Self.header.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        for row in rows {
            for (column, expected) in zip(columns, row).dropFirst() {
                var scene = InboundScene()
                try scene.bring(to: row[0])
                let waiting = scene.state.waiting?.count ?? 0
                let out =
                    switch column {
                    case "create-inbound": try scene.create()
                    case "created": try scene.created()
                    case "rejected": try scene.created(.rejected(PartnerRefusal(reason: "no")))
                    case "closed": try scene.created(.closed)
                    case "unknown": try scene.created(.unknown)
                    case "late": try scene.latePoll()
                    case "pull-status": try scene.pull()
                    default: try scene.report(column)
                    }
                if expected == "waits" {
                    #expect(out == [] && scene.state.waiting?.count == waiting + 1)
                } else {
                    #expect((out.isEmpty ? "–" : out.joined(separator: " ")) == expected, "\(row[0]), \(column)")
                }
            }
        }
    }

    @Test func everyCommandThatWaitedIsAnswered() throws {
        var scene = InboundScene()
        try scene.create(id: "create-1")
        try scene.create(id: "create-2")
        #expect(scene.effects.count == 1)
        try scene.created()
        #expect(scene.answers == ["inbound-created create-1", "inbound-created create-2"])
    }

    /// What was refused can be mended and sent again under the same id.
    @Test func whatWasRefusedMayBeSentAgain() throws {
        var scene = InboundScene()
        try scene.create(id: "create-1")
        try scene.created(.rejected(PartnerRefusal(field: "supplierNo", reason: "supplierNo is missing")))
        #expect(scene.answers == ["refused invalid create-1"])
        #expect(scene.state == InboundOrderState())
        #expect(try scene.create(7) == ["create-inbound"])
    }

    @Test func anIdIsOneOrder() throws {
        var scene = InboundScene()
        try scene.bring(to: "created")
        #expect(try scene.create(6) == ["invalid"])
        #expect(try scene.create(of: "M-2") == ["forbidden"])
        #expect(try scene.pull(of: "M-2") == ["forbidden"])
    }

    @Test func othersWarehousesAndUnknownOnesAreRefused() throws {
        var scene = InboundScene()
        #expect(try scene.create(of: "M-2") == ["forbidden"])
        scene.tables.remove("W-1", of: .warehouses)
        #expect(try scene.create() == ["not-found"])
    }

    @Test func aClosedWarehouseCannotBeAsked() throws {
        var scene = InboundScene()
        try scene.bring(to: "created")
        var row = try #require(scene.tables.warehouse("W-1"))
        row.state = .closed
        scene.tables.put(row)
        #expect(try scene.pull() == ["not-authorized"])
        #expect(try scene.create() == ["not-authorized"])
    }

    @Test func pollsPauseLongerAndEnd() throws {
        var scene = InboundScene()
        try scene.bring(to: "accepted")
        var pauses: [Int] = []
        var names: [String] = ["query-inbound"]
        while names == ["query-inbound"], pauses.count < 1000 {
            let pause = try #require(scene.pause)
            pauses.append(pause)
            scene.pass(seconds: pause)
            names = try scene.queried(.reading(InboundScene.reading("20")), isPoll: true)
        }
        #expect(names == ["inbound-overdue"])
        #expect(pauses.prefix(4) == [600, 1200, 2400, 4800] && pauses.max() == 86_400 && pauses.count < 45)
        #expect(abs(pauses.reduce(0, +) - Settings.standard.outboundPatience) < 60)
        #expect(try scene.pull(id: "pull-1") == ["query-inbound"])
        #expect(try scene.queried(.reading(InboundScene.reading("20")), isPoll: false, id: "pull-1") == ["inbound-status"])
        #expect(try scene.queried(.unanswered, isPoll: true) == [])
    }

    @Test func whatIsReceivedIsPolledNoMoreAndAPushSetsThePauseBack() throws {
        var scene = InboundScene()
        try scene.bring(to: "created")
        for _ in 0..<3 { try scene.queried(.reading(InboundScene.reading("10")), isPoll: true) }
        #expect(scene.pause == 4800)
        try scene.report("20")
        #expect(scene.pause == 600)
        try scene.report("70", received: 5)
        #expect(scene.effects.values.allSatisfy { !($0 is InboundQuery) })
    }

    /// What may be at the partner is kept in mind: the same order is asked for before it is sent again, and no other takes its id.
    @Test func whatNobodyCanTellOfIsAskedForBeforeItIsSentAgain() throws {
        var scene = InboundScene()
        try scene.create(id: "create-1")
        #expect(try scene.created(.unknown) == ["not-authorized"])
        guard case .refusal(let refusal, _)? = scene.emissions.first else {
            Issue.record("no refusal")
            return
        }
        #expect(refusal.details == ["outcome": .string("outcome-unknown")])
        #expect(try scene.create(7) == ["invalid"])
        #expect(try scene.create(id: "create-2") == ["create-inbound"])
        #expect(scene.effects.values.contains { ($0 as? InboundCreation)?.mayExist == true })
        try scene.created()
        #expect(scene.answers == ["inbound-created create-2"])
    }

    @Test func aStateNeverGoesBackwardsAndQuantitiesFollow() throws {
        var scene = InboundScene()
        try scene.bring(to: "accepted")
        #expect(try scene.report("70", received: 3) == ["inbound-status"])
        #expect(try scene.report("20", received: 9) == ["report-ignored"])
        #expect(try scene.report("70", received: 3) == ["report-ignored"])
        #expect(try scene.report("70", received: 5) == ["inbound-status"])
        guard case .event(let message, _, _)? = scene.emissions.first, let status = message as? InboundStatus else {
            Issue.record("no status")
            return
        }
        #expect(status.state == .received && status.lines == [CountedLine(sku: "sku-1", quantity: 5)] && status.partnerNumber == "EPL-1")
    }

    @Test func withoutSubscriptionOnlyAPullTells() throws {
        var scene = InboundScene(isSubscribed: false)
        try scene.create()
        try scene.created()
        #expect(try scene.report("70", received: 5) == ["report-ignored"])
        #expect(scene.due == nil)
        #expect(try scene.queried(.notSubscribed, isPoll: true) == [])
        try scene.pull(id: "pull-1")
        try scene.queried(.reading(InboundScene.reading("70", received: 5)), isPoll: false, id: "pull-1")
        #expect(scene.answers == ["inbound-status pull-1"])
        #expect(scene.state.state == .received)
    }

    @Test func aPullIsAnsweredEvenWithNothingNewAndAPollIsNot() throws {
        var scene = InboundScene()
        try scene.bring(to: "accepted")
        #expect(try scene.queried(.reading(InboundScene.reading("20")), isPoll: true) == ["query-inbound"])
        #expect(try scene.queried(.reading(InboundScene.reading("20")), isPoll: false, id: "pull-1") == ["inbound-status"])
        #expect(try scene.queried(.reading(InboundScene.reading("70")), isPoll: true) == ["inbound-status"])
        #expect(try scene.queried(.rejected(PartnerRefusal(reason: "no")), isPoll: false) == ["partner-rejected"])
    }
}
