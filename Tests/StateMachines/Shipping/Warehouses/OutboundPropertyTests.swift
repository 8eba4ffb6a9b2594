import Contracts
import JSON
import Machines
import Testing

@testable import StateMachines

/// Orders of a warehouse in any interleaving of what allocation, waybill, the merchant and the partner do, with effects that die.
private final class OutboundRun {
    var scene: OutboundScene
    let partner = PartnerModel()
    var random: Seeded
    private(set) var violations: [String] = []
    private(set) var shipped: [Int: Int] = [:]
    private(set) var released: Set<Int> = []
    private(set) var cancelFailed = 0
    private var ranks: [Int: Int] = [:]
    private var answers: [String: (events: Int, refusals: Int)] = [:]
    private var commands: [String] = []
    /// Effects of which an attempt may have run.
    private var mayHaveRun: Set<String> = []
    private var steps: [Int: [Step]] = [:]
    private var count = 0

    private enum Step { case allocated, changed, sealed, resealed(String) }

    static let allocations = 1...3

    init(seed: UInt64) {
        random = Seeded(seed)
        scene = OutboundScene(isSubscribed: random.chance(70))
        for number in Self.allocations {
            // Allocation's topic in its order; waybill's own in its own, anywhere between.
            var steps: [Step] = [.allocated] + (random.chance(30) ? [.changed] : []) + [.sealed]
            let recipients = steps.count == 3 ? ["enc-1", "enc-2"] : ["enc-1"]
            var place = 0
            for recipient in recipients {
                place = Int.random(in: place...steps.count, using: &random)
                steps.insert(.resealed(recipient), at: place)
                place += 1
            }
            self.steps[number] = steps
        }
    }

    func act() throws {
        let number = Int.random(in: Self.allocations, using: &random)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<30: try tell(number)
        case 30..<34: try note { try $0.held() }
        case 34..<35: try note { try $0.orderCancelled() }
        case 35..<40: try command { try $0.cancel(number, id: $1) }
        case 40..<50: try command { try $0.pull(id: $1) }
        case 50..<60: partner.work(&random)
        case 60..<75: try push(number)
        default: try perform()
        }
    }

    /// Until nothing is left to do; what is not cancelled goes out of the door.
    func drain() throws {
        for number in Self.allocations { while steps[number]?.isEmpty == false { try tell(number) } }
        for _ in 0..<400 where hasWork { try perform(polls: false) }
        for number in Self.allocations { partner.ship(number) }
        try command { try $0.pull(id: $1) }
        for _ in 0..<400 where hasWork { try perform(polls: false) }
        if hasWork { violations.append("effects never end: \(scene.effects.keys.sorted())") }
    }

    private var hasWork: Bool { scene.effects.values.contains { ($0 as? OutboundQuery)?.purpose != .poll } }

    private func tell(_ number: Int) throws {
        guard let step = steps[number]?.first else { return }
        steps[number]?.removeFirst()
        try note { scene in
            switch step {
            case .allocated: try scene.allocated(number)
            case .changed: try scene.recipientChanged(number, to: "enc-2")
            case .sealed: try scene.sealed(number)
            case .resealed(let recipient): try scene.resealed(number, from: recipient)
            }
        }
    }

    private func push(_ number: Int) throws {
        guard let reading = partner.push(number, &random) else { return }
        try command { try $0.report(reading.code, number, waybillNumber: reading.waybillNumber, id: $1) }
    }

    private func command(_ send: (inout OutboundScene, String) throws -> [String]) throws {
        count += 1
        let id = "command-\(count)"
        commands.append(id)
        try note { _ = try send(&$0, id) }
    }

    // MARK: Effects, as the service carries them out

    private func perform(polls: Bool = true) throws {
        let effects = scene.effects.sorted { $0.key < $1.key }.map(\.value).filter { polls || ($0 as? OutboundQuery)?.purpose != .poll }
        guard !effects.isEmpty else { return }
        switch random.pick(effects) {
        case let effect as OutboundCreation: try create(effect)
        case let effect as OutboundCancellation:
            guard let outcome = partner.cancel(effect.number, &random) else { return }
            if random.chance(80) { try note { try $0.cancelEnded(outcome, effect.number) } }
        case let effect as OutboundQuery:
            let isPoll = effect.purpose == .poll
            if isPoll, scene.tables.warehouse("W-1")?.messageSubscription != true {
                return try note { try $0.queried(effect, .notSubscribed) }
            }
            guard let reading = partner.reading(effect.number) else { return violations.append("asked for an order that is not there") }
            try note { try $0.queried(effect, .reading(reading)) }
        default: violations.append("an effect that nobody carries out")
        }
    }

    private func create(_ effect: OutboundCreation) throws {
        guard !effect.isWanted || effect.recipientSealed != nil else { return }
        let number = effect.number
        if mayHaveRun.contains(effect.id) || !effect.isWanted {
            if let found = partner.find(number, &random) {
                return try end(effect, .created(partnerNumber: found, carrier: "JD"))
            }
            if !effect.isWanted { return try end(effect, .absent) }
        }
        let newest = try? effect.recipientSealed?.value
        if newest != OutboundScene.sealed("for shipping, from \(expected(number))") { violations.append("sent to an old address") }
        mayHaveRun.insert(effect.id)
        guard let created = partner.create(number, &random) else { return }
        // The process may die between the answer and the commit.
        if random.chance(70) { try end(effect, .created(partnerNumber: created, carrier: "JD")) }
    }

    private var changed: Set<Int> = []
    private func expected(_ number: Int) -> String { changed.contains(number) ? "enc-2" : "enc-1" }

    private func end(_ effect: OutboundCreation, _ outcome: OutboundCreation.Outcome) throws {
        mayHaveRun.remove(effect.id)
        try note { try $0.created(effect.number, outcome) }
    }

    // MARK: What must never be seen

    private func note(_ send: (inout OutboundScene) throws -> Void) throws {
        try send(&scene)
        for emission in scene.emissions { check(emission) }
        for outbound in scene.state.outbounds?.list ?? [] where outbound.newestSource == "enc-2" { changed.insert(outbound.number) }
    }

    private func check(_ emission: Emission) {
        switch emission {
        // What replaces an effect knows nothing of its attempts.
        case .effect(let effect as OutboundCreation, _, _): mayHaveRun.remove(effect.id)
        case .refusal(_, let origin): answers[origin.id, default: (0, 0)].refusals += 1
        case .command(let message, _, _, _, _):
            guard let release = message as? Release else { return }
            let number = Int(release.allocationId.suffix(1)) ?? 0
            if !released.insert(number).inserted { violations.append("\(number) released twice") }
            if shipped[number] != nil { violations.append("\(number) released though it is shipped") }
            if let order = partner.order(number), !order.isCancelled { violations.append("\(number) released though the partner has it") }
        case .event(let message, _, let origin):
            answers[origin.id, default: (0, 0)].events += 1
            check(message)
        default: break
        }
    }

    private func check(_ message: any Message) {
        switch message {
        case let message as Shipped:
            let number = Int(message.allocationId.suffix(1)) ?? 0
            shipped[number, default: 0] += 1
            if released.contains(number) { violations.append("\(number) shipped though it is released") }
            if partner.order(number)?.isOut != true { violations.append("\(number) shipped though it is in the house") }
            if message.waybillNumber.isEmpty || message.carrier.isEmpty { violations.append("\(number) shipped without a number") }
        case let message as OutboundStatus:
            let number = Int(message.allocationId.suffix(1)) ?? 0
            if message.state.rank < ranks[number] ?? 0 { violations.append("\(number) goes back to \(message.state)") }
            ranks[number] = message.state.rank
        case is OutboundCancelFailed: cancelFailed += 1
        default: break
        }
    }

    /// After the end: of each allocation exactly one thing came.
    func verdict() -> [String] {
        var verdict = violations + partner.violations
        for number in Self.allocations {
            let isReleased = released.contains(number)
            if shipped[number] != (isReleased ? nil : 1) {
                verdict.append("\(number): shipped \(shipped[number] ?? 0) times, \(isReleased ? "" : "not ")released")
            }
        }
        for id in commands {
            let (events, refusals) = answers[id] ?? (0, 0)
            if events > 0 ? refusals > 0 : refusals != 1 { verdict.append("\(id): \(events) events, \(refusals) refusals") }
        }
        if scene.state.pulls != nil { verdict.append("a pull waits for ever") }
        return verdict
    }
}

struct OutboundPropertyTests {
    @Test func invariantsHoldInAnyInterleaving() throws {
        var shipped = 0
        var released = 0
        var cancelFailed = 0
        for seed in 1...600 {
            let run = OutboundRun(seed: UInt64(seed))
            for _ in 0..<120 { try run.act() }
            try run.drain()
            let verdict = run.verdict()
            #expect(verdict == [], "seed \(seed)")
            shipped += run.shipped.count
            released += run.released.count
            cancelFailed += run.cancelFailed
            if !verdict.isEmpty { break }
        }
        // The runs went through what they are about.
        #expect(shipped > 200 && released > 200 && cancelFailed > 100, "\(shipped) shipped, \(released) released, \(cancelFailed) failed")
    }
}
