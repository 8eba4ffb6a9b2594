import Contracts
import Foundation
import JSON
import Machines
import Testing
import Threads

@testable import StateMachines

struct StockTests {
    private static let tables: MemoryTables = {
        let tables = MemoryTables()
        for (id, state) in [("W-1", WarehouseState.active), ("W-2", .suspended), ("W-3", .closed)] {
            let row = WarehouseRow(
                warehouseId: id, code: "", provider: "", merchantShopId: "M-1", pin: "", departmentCode: "", warehouseCode: "",
                messageSubscription: false, authorizationId: "", api: "", state: state, version: 0)
            tables.put(row)
        }
        return tables
    }()

    private static func pull(_ warehouseId: String = "W-1", of merchant: String = "M-1") -> StockMachine.Input {
        let command = PullStock(warehouseId: warehouseId, merchantShopId: merchant)
        return .pull(command)
    }

    /// - Parameter skus: what was asked for; nil: all.
    private static func levels(_ count: Int = 1, asOf: Int, of skus: [String]? = nil) -> StockMachine.Input {
        var query = StockQuery()
        query.warehouseId = "W-1"
        query.merchantShopId = "M-1"
        query.skus = skus
        let levels = (0..<count).map { StockCount(sku: "sku-\($0)", good: $0, damaged: 1) }
        return .pulled(query, .levels(levels, asOf: Timestamp(milliseconds: asOf)))
    }

    private static func ended(_ outcome: StockQuery.Outcome) -> StockMachine.Input { .pulled(StockQuery(), outcome) }

    private static func send(
        _ input: StockMachine.Input, to state: inout StockState, _ actor: Actor = ShipmentScene.owner
    ) throws -> [Emission] {
        try decide(StockMachine.self, input, &state, actor, tables)
    }

    static func decide<Machine: StateMachine>(
        _: Machine.Type, _ input: Machine.Input, _ state: inout Machine.State, _ actor: Actor, _ tables: MemoryTables, now: Int = 1000
    ) throws -> [Emission] {
        let origin = Origin(id: "command-1", type: "", key: "key", correlationId: "")
        let time = Timestamp(milliseconds: now)
        let outbox = RecordingOutbox(handling: origin, of: Machine.self, input)
        let context = Context(origin: origin, actor: actor, time: time, now: time, tables: tables)
        switch Machine.decide(state, input, context) {
        case .refuse(let refusal): outbox.refuse(refusal, origin: origin)
        case .accept(let events):
            for event in events {
                Machine.evolve(&state, event)
                event.publish(to: outbox)
            }
        }
        state = try Machine.State.decode(state.json)
        return outbox.emissions
    }

    /// The clock of an earlier owner was ahead, or this one's was set right: the rows are not frozen until the time comes.
    @Test func whatWasAskedByAClockThatWasAheadIsReplaced() throws {
        var state = StockState()
        _ = try Self.send(Self.levels(asOf: 1_000_000), to: &state)
        let names = try Self.send(Self.levels(asOf: 900), to: &state).map(\.name)
        #expect(names == ["stock-reported", "row stock"])
    }

    @Test func machineDoesWhatTheTableSays() throws {
        let inputs: [String: StockMachine.Input] = [
            "pull-stock": Self.pull(), "pull-stock of another's warehouse": Self.pull(of: "M-2"),
            "pull-stock of an unknown warehouse": Self.pull("W-9"), "pull-stock of a closed warehouse": Self.pull("W-3"),
            "levels": Self.levels(asOf: 20), "levels asked for earlier": Self.levels(asOf: 5),
            "rejected": Self.ended(.rejected(PartnerRefusal(reason: "no"))), "closed": Self.ended(.closed),
        ]
        let rows = try docstringRows(of: "Shared/StateMachines/Shipping/StockMachine.swift", header: "| input | out |")
        #expect(Set(rows.map { $0[0] }) == Set(inputs.keys))
        for row in rows {
            var state = StockState()
            _ = try Self.send(Self.levels(asOf: 10), to: &state)
            let input = try #require(inputs[row[0]])
            let actor = row[0].contains("another's") ? Actor(.merchant, "M-2") : ShipmentScene.owner
            let names = try Self.send(input, to: &state, actor).map { $0.name.split(separator: " ").last.map(String.init) ?? "" }
            #expect(names.joined(separator: " ") == row[1], "\(row[0])")
        }
    }

    @Test func rowsAreTheReportsAndGrowInVersion() throws {
        var state = StockState()
        let first = try Self.send(Self.levels(2, asOf: 10), to: &state)
        let second = try Self.send(Self.levels(2, asOf: 20), to: &state)
        for (emissions, version) in [(first, 1), (second, 2)] {
            let rows = emissions.compactMap { emission in
                guard case .row(let row) = emission else { return nil as StockRow? }
                return row as? StockRow
            }
            #expect(rows.map(\.key) == ["W-1~sku-0", "W-1~sku-1"])
            #expect(rows.map(\.good) == [0, 1] && rows.allSatisfy { $0.damaged == 1 && $0.version == version })
        }
    }

    @Test func whatThePartnerIsSilentAboutIsGone() throws {
        var state = StockState()
        func rows(_ input: StockMachine.Input) throws -> [String] {
            try Self.send(input, to: &state).compactMap { emission in
                guard case .row(let row) = emission, let row = row as? StockRow else { return nil }
                return "\(row.sku) \(row.good + row.damaged)"
            }
        }
        #expect(try rows(Self.levels(3, asOf: 10)) == ["sku-0 1", "sku-1 2", "sku-2 3"])
        // Asked for some it says nothing of the others.
        #expect(try rows(Self.levels(1, asOf: 20, of: ["sku-0"])) == ["sku-0 1"])
        #expect(try rows(Self.levels(2, asOf: 30)) == ["sku-0 1", "sku-1 2", "sku-2 0"])
        #expect(try rows(Self.levels(0, asOf: 40)) == ["sku-0 0", "sku-1 0"])
        #expect(try rows(Self.levels(0, asOf: 50)) == [])
    }

    /// An event has to fit into a message, and an empty warehouse is an answer too.
    @Test(arguments: [(0, 1), (1, 1), (1000, 1), (1001, 2), (2500, 3)])
    func anyNumberOfSkusIsReported(_ skus: Int, _ events: Int) throws {
        var state = StockState()
        let reports = try Self.send(Self.levels(skus, asOf: 10), to: &state).compactMap { emission in
            guard case .event(let message, "W-1", _) = emission else { return nil as StockReported? }
            return message as? StockReported
        }
        #expect(reports.count == events)
        #expect(reports.flatMap(\.levels).map(\.sku) == (0..<skus).map { "sku-\($0)" })
    }

    @Test func shippingsOwnTimerMayAsk() throws {
        var state = StockState()
        #expect(try Self.send(Self.pull(), to: &state, Actor(.service, "shipping")).map(\.name) == ["effect pull-stock"])
        #expect(try Self.send(Self.pull(), to: &state, Actor(.service, "waybill")).map(\.name) == ["refused forbidden"])
        #expect(try Self.send(Self.pull("W-2"), to: &state).map(\.name) == ["refused not-authorized"], "its consent has expired")
    }

    // MARK: By policy

    private static func policy(_ isOn: Bool, factory: Bool = false) -> StockSyncMachine.Input {
        var policy = PolicySet(
            channelId: "C-1", platform: .pinduoduo, downloadOrders: false, orderTypes: [], transferToAudit: false, uploadLogistics: false,
            syncStock: false)
        if factory { policy.factoryShopId = "F-1" } else { policy.merchantShopId = "M-1" }
        policy.syncStock = isOn
        return .policy(policy)
    }

    @Test func stockIsPulledAsTheTableOfPoliciesSays() throws {
        let inputs = [
            "policy on": Self.policy(true), "policy off": Self.policy(false), "policy of a factory": Self.policy(true, factory: true),
            "timer": .due(StockTimer("C-1")),
        ]
        let header = "| sync | policy on | policy off | policy of a factory | timer |"
        let rows = try docstringRows(of: "Shared/StateMachines/Shipping/StockSyncMachine.swift", header: header)
        #expect(rows.count == 2)
        let columns = header.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        for row in rows {
            for (column, expected) in zip(columns, row).dropFirst() {
                var state = StockSyncState()
                if row[0] == "on" {
                    _ = try Self.decide(StockSyncMachine.self, Self.policy(true), &state, Actor(.service, "authorization"), Self.tables)
                }
                let input = try #require(inputs[column])
                let emissions = try Self.decide(StockSyncMachine.self, input, &state, Actor(.service, "shipping"), Self.tables)
                let names = emissions.map { emission in
                    if case .cancelledEffect = emission { return emission.name }
                    return emission.name.split(separator: " ").last.map(String.init) ?? ""
                }
                #expect(([state.merchant == nil ? "off" : "on"] + names).joined(separator: " ") == expected, "\(row[0]), \(column)")
            }
        }
    }

    @Test func onlyActiveWarehousesArePulledEachTimeUnderAnotherId() throws {
        var state = StockSyncState()
        _ = try Self.decide(StockSyncMachine.self, Self.policy(true), &state, Actor(.service, "authorization"), Self.tables)
        var ids: Set<String> = []
        for now in [1000, 901_000] {
            let emissions = try Self.decide(
                StockSyncMachine.self, .due(StockTimer("C-1")), &state, Actor(.service, "shipping"), Self.tables, now: now)
            for case .command(let message, .shipping, let key, let id, _) in emissions {
                #expect((message as? PullStock)?.merchantShopId == "M-1" && key == "W-1")
                ids.insert(id)
            }
            guard case .effect(_, let due?, _)? = emissions.last else {
                Issue.record("no next time")
                continue
            }
            #expect(due == Timestamp(milliseconds: now + 900_000))
        }
        #expect(ids.count == 2)
    }
}
