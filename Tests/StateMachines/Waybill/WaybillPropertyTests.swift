import Contracts
import JSON
import StateMachines
import Testing
import Threads

/// Random facts and commands, with the shards' items in random order between them, and numbers so scarce that they meet all the time.
@Suite struct WaybillPropertyTests {
    private static let factories = ["F", "G"]
    private static let merchants = ["M", "N"]
    private static let doors: [String?] = [nil, "door 1", "door 2"]

    private final class Run {
        let service: WaybillService
        var random: Seeded
        var allocations: [String] = []
        var factory: [String: String] = [:]
        var merchant: [String: String] = [:]
        /// Every merge key that an allocation ever had.
        var doors: [String: Set<String?>] = [:]
        var facts: [(any Message, ParcelMachine.Input, String, Timestamp)] = []
        var returns: [String: (allocation: String, numbers: [String])] = [:]

        init(seed: UInt64) {
            service = WaybillService(seed: seed)
            random = Seeded(seed &* 7919)
        }

        func fact(_ message: some Message, _ input: ParcelMachine.Input, _ allocation: String) {
            let time = service.simulation.now
            let order = WaybillService.order(allocation)
            facts.append((message, input, order, time))
            service.fact(message, input, order, time: time)
        }
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>) func randomInterleavings(seed: UInt64) {
        let run = Run(seed: seed)
        for turn in 0..<2500 {
            // Even seeds leave more under way, odd ones finish more.
            for _ in 0..<Int.random(in: 0...(seed % 2 == 0 ? 2 : 5), using: &run.random) { run.service.simulation.step() }
            if run.allocations.isEmpty || run.random.chance(8) { allocate(run, turn) } else { act(run) }
        }
        run.service.simulation.run()
        while let label = run.service.labels.first { run.service.answerLabel(label) }
        checkEnd(run)
        checkNumbers(run)
        replayFacts(run)
        drainPools(run)
    }

    private func allocate(_ run: Run, _ turn: Int) {
        // An order again (allocated anew or split), or a new one.
        let order =
            run.random.chance(40) ? run.allocations.randomElement(using: &run.random).map(WaybillService.order) ?? "O\(turn)" : "O\(turn)"
        let siblings = run.allocations.filter { WaybillService.order($0) == order }
        let allocation = "\(order)/\(siblings.count + 1)"
        let merchant = siblings.first.flatMap { run.merchant[$0] } ?? run.random.pick(Self.merchants)
        let factory = run.random.pick(Self.factories)
        let door = run.random.pick(Self.doors)
        run.allocations.append(allocation)
        run.factory[allocation] = factory
        run.merchant[allocation] = merchant
        run.doors[allocation] = [door]
        let fact = WaybillService.allocated(allocation, to: factory, of: merchant, mergeKey: door)
        run.fact(fact, .allocated(fact), allocation)
    }

    private func act(_ run: Run) {
        let service = run.service
        // Mostly one of the last, so that commands for one allocation meet.
        let recent = run.random.chance(80) ? Array(run.allocations.suffix(5)) : run.allocations
        let allocation = run.random.pick(recent)
        let factory = run.factory[allocation] ?? ""
        let number = { sf(Int.random(in: 0..<120, using: &run.random)) }
        switch Int.random(in: 0..<100, using: &run.random) {
        case 0..<4:
            let first = Int.random(in: 0..<110, using: &run.random)
            service.topUp(run.random.pick(Self.factories), "SF", sf(first), sf(first + Int.random(in: 0..<6, using: &run.random)))
        case 4..<30: service.obtain(allocation, factory, run.random.chance(95) ? "SF" : "ZTO")
        case 30..<35: service.markPrinted(allocation, factory)
        case 35..<45: service.cancel(allocation, factory)
        case 45..<52: service.claim(allocation, "SF", number())
        case 52..<58:
            let fact = WaybillService.deallocated(allocation, from: factory, of: run.merchant[allocation] ?? "")
            run.fact(fact, .deallocated(fact), allocation)
        case 58..<59:
            // What was returned, perhaps before the last change of its recipient.
            guard let returned = service.events(Returned.self).last(where: { $0.allocationId == allocation }) else { return }
            var fact = WaybillService.shipped(allocation, from: factory, of: run.merchant[allocation] ?? "")
            fact.carrier = returned.carrier
            fact.waybillNumber = returned.waybillNumber
            fact.extraNumbers = returned.extraNumbers
            run.fact(fact, .shipped(fact), allocation)
        case 59..<64:
            let door = run.random.pick(Self.doors)
            run.doors[allocation]?.insert(door)
            let fact = WaybillService.recipientChanged(
                allocation, at: factory, of: run.merchant[allocation] ?? "", city: "杭州市", mergeKey: door)
            run.fact(fact, .recipientChanged(fact), allocation)
        case 64..<68: service.openLabel(allocation, factory)
        case 68..<72:
            guard let label = service.labels.randomElement(using: &run.random) else { return }
            service.answerLabel(label)
        default:
            let main = run.random.chance(40) ? service.parcel(allocation)?.number ?? number() : number()
            let extra = (0..<run.random.pick([0, 0, 0, 1, 2, 3])).map { _ in number() }
            let command = service.return(allocation, factory, "SF", main, extra: extra.isEmpty ? nil : extra)
            run.returns[command] = (allocation, [main] + extra)
        }
    }

    /// Nothing is left under way, each command has one answer, and no parcel does what it may not.
    private func checkEnd(_ run: Run) {
        let service = run.service
        #expect(service.simulation.faults == [])
        var answers: [String: Int] = [:]
        for emission in service.simulation.published {
            if let id = emission.answers { answers[id, default: 0] += 1 }
        }
        let wrong = service.commands.filter { answers[$0] != 1 }
        #expect(wrong == [])
        for allocation in run.allocations { #expect(service.parcel(allocation)?.pending == nil) }

        var ended: Set<String> = []
        var returned: Set<String> = []
        var readdressed: Set<String> = []
        for case .event(let message, _, _) in service.simulation.published {
            switch message {
            case let message as Obtained: #expect(!ended.contains(message.allocationId) && !returned.contains(message.allocationId))
            case let message as Printed: #expect(!ended.contains(message.allocationId))
            case let message as WaybillCancelled: #expect(!ended.contains(message.allocationId) && !returned.contains(message.allocationId))
            case let message as Returned:
                #expect(!ended.contains(message.allocationId))
                #expect(returned.insert(message.allocationId).inserted)
            case let message as Readdressed:
                #expect(!ended.contains(message.allocationId))
                #expect((message.stage == .returned) == returned.contains(message.allocationId))
                returned.remove(message.allocationId)
                readdressed.insert(message.allocationId)
            case let message as Claimed: #expect(!ended.contains(message.allocationId) && returned.contains(message.allocationId))
            case let message as LabelOpened: #expect(!ended.contains(message.allocationId))
            case let message as Voided: #expect(ended.insert(message.allocationId).inserted)
            default: break
            }
        }
        #expect(returned.count > 20 && ended.count > 20 && readdressed.count > 5 && service.events(Obtained.self).count > 20)
        #expect(service.events(LabelOpened.self).count > 5)
    }

    /// The numbers that events gave out, and for which allocations.
    private func uses(_ run: Run) -> [String: Set<String>] {
        var uses: [String: Set<String>] = [:]
        for case .event(let message, _, _) in run.service.simulation.published {
            switch message {
            case let message as Obtained: uses[message.waybillNumber, default: []].insert(message.allocationId)
            case let message as Claimed: uses[message.waybillNumber, default: []].insert(message.allocationId)
            case let message as Returned:
                for number in [message.waybillNumber] + (message.extraNumbers ?? []) {
                    uses[number, default: []].insert(message.allocationId)
                }
            default: break
            }
        }
        return uses
    }

    /// A number is for one parcel, whoever may carry it holds it, and nobody else does: what a refused command claimed is free again.
    private func checkNumbers(_ run: Run) {
        let uses = uses(run)
        // A parcel that is readdressed has the number that it was returned with.
        let readdressed = Set(run.service.events(Readdressed.self).map(\.allocationId))
        let moved = Set(readdressed.map(WaybillService.order))
        var obtained: [String: String] = [:]
        for message in run.service.events(Obtained.self) where !readdressed.contains(message.allocationId) {
            let first = obtained[message.waybillNumber, default: message.allocationId]
            #expect(first == message.allocationId, "the pool gave \(message.waybillNumber) twice")
            obtained[message.waybillNumber] = first
        }
        for (number, allocations) in uses {
            let all = Array(allocations)
            for (place, one) in all.enumerated() {
                for other in all[(place + 1)...] {
                    #expect(run.factory[one] == run.factory[other], "\(number): \(one) and \(other)")
                    #expect(run.merchant[one] == run.merchant[other], "\(number): \(one) and \(other)")
                    if WaybillService.order(one) == WaybillService.order(other) { continue }
                    let shared = (run.doors[one] ?? []).intersection(run.doors[other] ?? []).compactMap(\.self)
                    #expect(!shared.isEmpty, "\(number): \(one) and \(other) go to different doors")
                }
            }
        }
        for index in 0..<130 {
            let state = run.service.number("SF", sf(index))
            #expect(state.held == nil && state.waiting == nil)
            let holders = Set(state.holder?.orders ?? [])
            let users = Set((uses[sf(index)] ?? []).map(WaybillService.order))
            // A number is never free again, but an order that goes to another door leaves it to those that it was packed with. Of several
            // orders two are kept.
            #expect(holders.isSubset(of: users) && holders.isEmpty == users.isEmpty)
            #expect(holders.count >= min(users.subtracting(moved).count, 2))
        }
        for case .refusal(let refusal, let origin) in run.service.simulation.published where refusal.code == .waybillNumberUsed {
            guard let attempt = run.returns[origin.id] else { continue }
            // It named a number that somebody else has.
            let order = WaybillService.order(attempt.allocation)
            #expect(
                attempt.numbers.contains { number in
                    uses[number]?.contains { WaybillService.order($0) != order || run.factory[$0] != run.factory[attempt.allocation] }
                        == true
                })
        }
    }

    private func replayFacts(_ run: Run) {
        // What changes a recipient comes once, in its order: an earlier change would be news again.
        for (message, input, order, time) in run.facts where !(message is RecipientChanged) {
            let before = run.service.simulation.state(ParcelMachine.self, "order:\(order)")
            #expect(run.service.fact(message, input, order, time: time).isEmpty)
            #expect(run.service.simulation.state(ParcelMachine.self, "order:\(order)") == before)
        }
    }

    /// No number is stranded: each one of a pool that nobody has can still be obtained.
    private func drainPools(_ run: Run) {
        let service = run.service
        for factory in Self.factories {
            let segments = service.events(ToppedUp.self).filter { $0.factoryShopId == factory }
            let numbers = (0..<130).map(sf).filter { number in segments.contains { $0.first <= number && number <= $0.last } }
            let free = numbers.filter { service.number("SF", $0).holder == nil }
            for index in 0..<free.count {
                let allocation = "drain-\(factory)-\(index)/1"
                service.allocate(allocation, to: factory)
                service.obtain(allocation, factory, "SF")
            }
            service.simulation.run()
            let obtained = service.events(Obtained.self).filter { $0.orderId.hasPrefix("drain-\(factory)-") }.map(\.waybillNumber)
            #expect(obtained.sorted() == free)
            service.allocate("last-\(factory)/1", to: factory)
            service.obtain("last-\(factory)/1", factory, "SF")
            service.simulation.run()
            #expect(service.answer() == ["refused number-pool-empty"])
        }
    }
}
