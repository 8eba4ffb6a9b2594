import Contracts
import JSON

@testable import StateMachines

/// What a reader of the topics knows, kept apart from the machines, and what must never be seen there.
final class Ledger {
    private(set) var violations: [String] = []
    /// By allocationId.
    private var allocated: [String: Allocated] = [:]
    private(set) var sealed: Set<String> = []
    private(set) var shipped: Set<String> = []
    private(set) var takenBack: Set<String> = []
    /// The numbers that can be shipped, by allocationId.
    private var ready: [String: String] = [:]
    /// How often a parcel could not be shipped any more because its recipient had changed.
    private(set) var unready = 0
    private var ordered: [String: [String: Int]] = [:]
    private var facts: [String: Facts] = [:]

    /// An order's facts by the rules of the contract, in the plainest way.
    private struct Facts {
        var risks: [(time: Int, isHeld: Bool)] = []
        var opened: Set<String> = []
        var closed: Set<String> = []
        var isRefunded = false
        var awaitsAudit = false
        var isCancelled = false

        var isHeld: Bool {
            let newest = risks.map(\.time).max()
            return risks.contains { $0.time == newest && $0.isHeld } || !opened.isSubset(of: closed) || isRefunded || awaitsAudit
                || isCancelled
        }
    }

    /// In force and not sealed.
    var unsealed: Set<String> { Set(allocated.keys).subtracting(sealed) }

    func check(_ emissions: [Emission], _ envelope: Journey.Envelope, _ order: OrderState?) {
        learn(envelope, emissions)
        for emission in emissions {
            guard case .event(let message, let key, _) = emission else { continue }
            switch message {
            case let message as Allocated:
                allocated[message.allocationId] = message
                if facts[key, default: Facts()].isHeld { violations.append("\(message.allocationId) allocated while the order is held") }
                checkQuantities(key)
            case let message as Deallocated:
                if sealed.contains(message.allocationId) { violations.append("\(message.allocationId) taken back though it is sealed") }
                if allocated.removeValue(forKey: message.allocationId) == nil {
                    violations.append("\(message.allocationId) taken back though it is not allocated")
                }
                takenBack.insert(message.allocationId)
            case let message as AllocationSealed:
                if allocated[message.allocationId] == nil { violations.append("\(message.allocationId) sealed though it is not allocated") }
                sealed.insert(message.allocationId)
            case let message as Ready: ready[message.allocationId] = message.waybillNumber
            case let message as Unready:
                unready += 1
                if ready.removeValue(forKey: message.allocationId) != message.waybillNumber {
                    violations.append("\(message.allocationId) is not ready any more though it never was")
                }
            case let message as Shipped:
                if ready[message.allocationId] != message.waybillNumber {
                    violations.append("\(message.allocationId) shipped under a number that is not ready")
                }
                if !sealed.contains(message.allocationId) { violations.append("\(message.allocationId) shipped though it is not sealed") }
                if !shipped.insert(message.allocationId).inserted { violations.append("\(message.allocationId) shipped twice") }
                if message.platformOrderNumber == nil { violations.append("\(message.allocationId) shipped without its order's number") }
                if message.waybillNumber.isEmpty { violations.append("\(message.allocationId) shipped without a waybill number") }
            default: break
            }
        }
        // At once: after each message there is nothing to take back.
        if case .order = envelope.payload, facts[envelope.key, default: Facts()].isHeld, order?.unsealed.isEmpty == false {
            violations.append("\(envelope.key) is held and has an allocation that could be taken back")
        }
    }

    private func learn(_ envelope: Journey.Envelope, _ emissions: [Emission]) {
        guard case .order(let input) = envelope.payload else { return }
        let key = envelope.key
        switch input {
        case .placed(let fact):
            if ordered[key] == nil {
                ordered[key] = Dictionary(uniqueKeysWithValues: fact.lines.map { ($0.lineId, $0.quantity) })
                facts[key, default: Facts()].awaitsAudit = fact.holds?.isEmpty == false
            }
        case .approve:
            if emissions.first?.name == "order-released" { facts[key, default: Facts()].awaitsAudit = false }
        case .riskHeld: facts[key, default: Facts()].risks.append((envelope.time, true))
        case .riskCleared: facts[key, default: Facts()].risks.append((envelope.time, false))
        case .afterSaleOpened(let fact): facts[key, default: Facts()].opened.insert(fact.afterSaleId)
        case .afterSaleClosed(let fact):
            facts[key, default: Facts()].closed.insert(fact.afterSaleId)
            if fact.outcome == "refunded" { facts[key, default: Facts()].isRefunded = true }
        case .cancelled: facts[key, default: Facts()].isCancelled = true
        default: break
        }
    }

    private func checkQuantities(_ orderId: String) {
        var sums: [String: Int] = [:]
        for message in allocated.values where message.orderId == orderId {
            for line in message.lines { sums[line.lineId, default: 0] += line.quantity }
        }
        for (lineId, sum) in sums where sum > ordered[orderId]?[lineId] ?? 0 {
            violations.append("\(orderId), line \(lineId): \(sum) allocated, \(ordered[orderId]?[lineId] ?? 0) ordered")
        }
    }
}
