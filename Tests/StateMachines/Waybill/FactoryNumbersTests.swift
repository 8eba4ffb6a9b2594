import Contracts
import JSON
import Machines
import Testing
import Threads

@testable import StateMachines

@Suite struct FactoryNumbersTests {
    private typealias Machine = FactoryNumbersMachine
    private static let time = 1_700_000_000_000

    private static func policy(uploads: Bool, factory: String? = "F", platform: Platform = .jackyun) -> PolicySet {
        PolicySet(
            channelId: "E-1", merchantShopId: factory == nil ? "M" : nil, factoryShopId: factory, platform: platform, downloadOrders: false,
            orderTypes: [], transferToAudit: false, uploadLogistics: uploads, syncStock: false)
    }

    private static func decide(
        _ state: inout Machine.State, _ input: Machine.Input, now: Int = time, settings: Settings = .standard
    ) throws -> [Emission] {
        let origin = Origin(id: "x", type: "", key: "channel:E-1", correlationId: "x")
        let context = Context(
            origin: origin, actor: Actor(.service, "authorization"), time: Timestamp(milliseconds: now), now: Timestamp(milliseconds: now),
            tables: MemoryTables(), settings: settings)
        let outbox = RecordingOutbox(handling: origin, of: Machine.self, input)
        guard case .accept(let events) = Machine.decide(state, input, context) else {
            Issue.record("refused")
            return []
        }
        for event in events {
            Machine.evolve(&state, event)
            event.publish(to: outbox)
        }
        state = try Machine.State.decode(state.json)
        return outbox.emissions
    }

    private static func fetch(_ emissions: [Emission]) -> (effect: NumberFetch, due: Timestamp?)? {
        for case .effect(let effect, let due, _) in emissions { if let effect = effect as? NumberFetch { return (effect, due) } }
        return nil
    }

    private static func shipment(_ allocation: String = "O/1", _ number: String = "YT1") -> ERPShipment {
        ERPShipment(allocationId: allocation, carrier: "YTO", waybillNumber: number)
    }

    private static func page(_ shipments: [ERPShipment] = [], next: String? = nil, to: Int = time) -> NumberFetch.Outcome {
        .page(shipments, next: next, to: Timestamp(milliseconds: to))
    }

    @Test func everyRowOfTheTableHolds() throws {
        var fetch = NumberFetch()
        fetch.channelId = "E-1"
        let inputs: [String: Machine.Input] = [
            "policy on": .policy(Self.policy(uploads: true)), "policy off": .policy(Self.policy(uploads: false)),
            "policy of a merchant": .policy(Self.policy(uploads: true, factory: nil)),
            "a page": .fetched(fetch, Self.page([Self.shipment()], next: "s1")),
            "last page": .fetched(fetch, Self.page([Self.shipment("O/2", "YT2")])),
            "refused": .fetched(fetch, .refused(ERPRefusal(code: "0140", "no"))),
        ]
        func state(_ names: String...) throws -> Machine.State {
            var state = Machine.State()
            for name in names { _ = try Self.decide(&state, try #require(inputs[name])) }
            return state
        }
        let table = StateTable<Machine>(
            file: "Shared/StateMachines/Waybill/ERP/FactoryNumbersMachine.swift",
            states: [
                "off": Machine.State(), "on": try state("policy on"),
                "on + further pages": try state("policy on", "a page"),
                "on + refused": try state("policy on", "refused"),
            ], inputs: inputs, actor: { _, _ in Actor(.service, "waybill") }, whole: ["last page"],
            name: { state in
                guard state.from != nil else { return "off" }
                return "on" + (state.page == nil ? "" : " + further pages") + (state.refusal == nil ? "" : " + refused")
            })
        let problems = try table.problems()
        #expect(problems == [])
    }

    @Test func aNumberIsReturnedForTheFactoryUnderAnIdThatTellsCopies() throws {
        var state = Machine.State()
        let first = try #require(Self.fetch(try Self.decide(&state, .policy(Self.policy(uploads: true)))))
        #expect(first.effect.from.milliseconds == Self.time - 604_800_000 && first.effect.to == nil && first.due == nil)
        let shipments = [
            ERPShipment(allocationId: "pdd:1/x/2", carrier: "YTO", waybillNumber: "YT1", extraNumbers: ["YT2"]), Self.shipment("elsewhere"),
            Self.shipment("/1"), Self.shipment("O/x"),
        ]
        let emissions = try Self.decide(&state, .fetched(first.effect, Self.page(shipments)))
        let commands = emissions.compactMap { emission -> (Return, String, String)? in
            guard case .command(let message, .waybill, let key, let id, _) = emission else { return nil }
            return (message as? Return).map { ($0, key, id) }
        }
        #expect(commands.count == 1)
        let (message, key, id) = try #require(commands.first)
        #expect(message.orderId == "pdd:1/x" && key == "pdd:1/x" && message.allocationId == "pdd:1/x/2" && message.factoryShopId == "F")
        #expect(message.carrier == "YTO" && message.waybillNumber == "YT1" && message.extraNumbers == ["YT2"])
        // The parcel is on its way under it, whatever it looks like.
        #expect(message.unusual == true)
        #expect(id == RequestId.make(Return.type, "E-1/pdd:1/x/2/return/YTO:YT1,YT2"))
        // Told again in the next question it is passed over; corrected it is another.
        #expect(try Self.decide(&state, .fetched(first.effect, Self.page(shipments))).map(\.name) == ["effect fetch-numbers"])
        let corrected = Self.page(shipments + [Self.shipment("pdd:1/x/2", "YT3")])
        #expect(try Self.decide(&state, .fetched(first.effect, corrected)).count == 2)
    }

    @Test func pagesOfOneWindowFollowAtOnceTheNextWindowLaterAndOverlapping() throws {
        var state = Machine.State()
        let settings = Settings(orderDownloadLag: 180, numberFetchInterval: 60)
        let first = try #require(Self.fetch(try Self.decide(&state, .policy(Self.policy(uploads: true)))))
        let second = try #require(
            Self.fetch(
                try Self.decide(
                    &state, .fetched(first.effect, Self.page([Self.shipment()], next: "s1")), now: Self.time + 500, settings: settings)))
        #expect(second.due == nil && second.effect.page == "s1" && second.effect.from == first.effect.from)
        #expect(second.effect.to?.milliseconds == Self.time)
        let third = try #require(
            Self.fetch(try Self.decide(&state, .fetched(second.effect, Self.page()), now: Self.time + 900, settings: settings)))
        #expect(third.due?.milliseconds == Self.time + 60_900 && third.effect.page == nil && third.effect.to == nil)
        #expect(third.effect.from.milliseconds == Self.time - 180_000)
    }

    @Test func whatWasToldBeforeARefusalIsNotToldAgain() throws {
        var state = Machine.State()
        let first = try #require(Self.fetch(try Self.decide(&state, .policy(Self.policy(uploads: true)))))
        _ = try Self.decide(&state, .fetched(first.effect, Self.page([Self.shipment()], next: "s1")))
        _ = try Self.decide(&state, .fetched(first.effect, .refused(ERPRefusal("no"))))
        let emissions = try Self.decide(&state, .fetched(first.effect, Self.page([Self.shipment(), Self.shipment("O/1", "YT2")])))
        #expect(emissions.map(\.name) == ["waybill return", "effect fetch-numbers"])
        // What is no longer told is forgotten.
        _ = try Self.decide(&state, .fetched(first.effect, Self.page()))
        #expect(state.returnedIds == nil && state.pageReturnedIds == nil)
    }

    @Test func thePlaceNeverMovesBack() throws {
        var state = Machine.State()
        let settings = Settings(orderDownloadLag: 600, orderDownloadHistory: 60)
        let first = try #require(
            Self.fetch(try Self.decide(&state, .policy(Self.policy(uploads: true)), settings: settings)))
        let next = try #require(Self.fetch(try Self.decide(&state, .fetched(first.effect, Self.page()), settings: settings)))
        #expect(next.effect.from == first.effect.from)
    }

    @Test func aRefusalIsToldOnceAndItGoesOnFromTheSamePlace() throws {
        var state = Machine.State()
        let first = try #require(Self.fetch(try Self.decide(&state, .policy(Self.policy(uploads: true)))))
        _ = try Self.decide(&state, .fetched(first.effect, Self.page([Self.shipment()], next: "s1")))
        var again = first.effect
        for round in 0..<2 {
            let emissions = try Self.decide(&state, .fetched(again, .refused(ERPRefusal(code: "0140", "no"))))
            #expect(emissions.map(\.name).contains("number-fetch-failed") == (round == 0))
            let retry = try #require(Self.fetch(emissions))
            #expect(retry.effect.page == nil && retry.effect.from == first.effect.from && retry.due != nil)
            again = retry.effect
        }
    }

    /// Parcels are shipped at any time and become visible up to the overlap later; pages and clocks differ: each number is returned.
    @Test(arguments: 0..<50) func noNumberIsMissedAndNoneIsReturnedTwice(seed: UInt64) throws {
        var random = Seeded(seed)
        var state = Machine.State()
        let settings = Settings(orderDownloadLag: 180, orderDownloadHistory: 0, numberFetchInterval: 60)
        var now = Self.time
        var pending = Self.fetch(try Self.decide(&state, .policy(Self.policy(uploads: true)), now: now, settings: settings))
        var shipped: [(changedAt: Int, visibleAt: Int, number: String)] = []
        var returned: [String] = []
        func round(ships: Bool) throws {
            now += Int.random(in: 1_000...90_000, using: &random)
            if ships, random.chance(60) {
                shipped.append((now, now + Int.random(in: 0...180_000, using: &random), "YT\(shipped.count)"))
            }
            guard let (effect, due) = pending, (due?.milliseconds ?? 0) <= now else { return }
            let to = effect.to?.milliseconds ?? now
            let rows = shipped.filter { $0.changedAt >= effect.from.milliseconds && $0.changedAt <= to && $0.visibleAt <= now }
            let start = effect.page.flatMap { Int($0) } ?? 0
            let rest = rows.dropFirst(start)
            let next = rest.count > 2 ? "\(start + 2)" : nil
            let outcome = Self.page(rest.prefix(2).map { Self.shipment("O/1", $0.number) }, next: next, to: to)
            let emissions = try Self.decide(&state, .fetched(effect, outcome), now: now, settings: settings)
            for case .command(let message, _, _, _, _) in emissions {
                if let back = message as? Return { returned.append(back.waybillNumber) }
            }
            pending = Self.fetch(emissions)
        }
        for _ in 0..<60 { try round(ships: true) }
        for _ in 0..<40 { try round(ships: false) }
        #expect(returned.sorted() == shipped.map(\.number).sorted())
    }
}
