import Contracts

@testable import StateMachines

/// A partner whose wires are bad: what is sent may be lost, or done without an answer. It does not recognise an order that it has already.
final class PartnerModel {
    struct Order {
        var number: String
        /// Place in `OutboundScene.codes`; only ever goes forward.
        var step = 0
        var isCancelled = false
        var isOut: Bool { step >= 6 }
    }

    private(set) var orders: [Int: [Order]] = [:]
    private(set) var violations: [String] = []
    /// Sent since it was asked last.
    private var isUnasked: Set<Int> = []
    /// A call that was given up, and may still arrive.
    private var inFlight: Set<Int> = []

    func order(_ allocation: Int) -> Order? { orders[allocation]?.first }

    /// What a call that nobody waits for any more leaves behind.
    func settle(_ allocation: Int, _ random: inout Seeded) {
        if inFlight.remove(allocation) != nil, random.chance(50) { add(allocation) }
    }

    func find(_ allocation: Int, _ random: inout Seeded) -> String? {
        settle(allocation, &random)
        isUnasked.remove(allocation)
        return order(allocation)?.number
    }

    /// - Returns: nil: no answer.
    func create(_ allocation: Int, _ random: inout Seeded) -> String? {
        if !isUnasked.insert(allocation).inserted {
            violations.append("allocation \(allocation) was sent twice without a question between")
        }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return nil
        case 1:
            add(allocation)
            return nil
        case 2:
            inFlight.insert(allocation)
            return nil
        default:
            add(allocation)
            return order(allocation)?.number
        }
    }

    private func add(_ allocation: Int) {
        orders[allocation, default: []].append(Order(number: "ESL-\(allocation)"))
        if orders[allocation]?.count ?? 0 > 1 { violations.append("allocation \(allocation) has two orders") }
    }

    /// The partner works.
    func work(_ random: inout Seeded) {
        for allocation in orders.keys.sorted() where random.chance(50) && orders[allocation]?[0].isCancelled == false {
            let step = orders[allocation]?[0].step ?? 0
            orders[allocation]?[0].step = min(step + Int.random(in: 1...3, using: &random), 8)
        }
    }

    func ship(_ allocation: Int) {
        if order(allocation)?.isCancelled == false { orders[allocation]?[0].step = 8 }
    }

    /// - Returns: nil: it has not decided.
    func cancel(_ allocation: Int, _ random: inout Seeded) -> OutboundCancellation.Outcome? {
        guard let order = order(allocation) else { return .failed(reason: "unknown") }
        if order.isCancelled { return .cancelled }
        if order.isOut { return .failed(reason: "out of the door") }
        switch Int.random(in: 0..<3, using: &random) {
        case 0: return nil
        case 1: return .failed(reason: "packed")
        default:
            orders[allocation]?[0].isCancelled = true
            // Done, and sometimes the answer is lost.
            return random.chance(70) ? .cancelled : nil
        }
    }

    func reading(_ allocation: Int) -> OutboundStatusReport? {
        guard let order = order(allocation) else { return nil }
        return order.isCancelled ? OutboundScene.reading("10028", number: nil) : Self.reading(at: order.step)
    }

    /// A push of something that has happened, maybe long ago: they overtake each other, and not each one names the parcel.
    func push(_ allocation: Int, _ random: inout Seeded) -> OutboundStatusReport? {
        guard let order = order(allocation), !order.isCancelled || random.chance(30) else { return reading(allocation) }
        var reading = Self.reading(at: Int.random(in: 0...order.step, using: &random))
        if random.chance(40) { reading.waybillNumber = nil }
        return reading
    }

    private static func reading(at step: Int) -> OutboundStatusReport {
        OutboundScene.reading(OutboundScene.codes[step].0, number: step > 0 ? "JDVA00000000001" : nil)
    }
}
