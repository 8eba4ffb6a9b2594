import Contracts
import Kafka
import TestSupport

/// What a stranger finds in the log after everything: each of these lists must be empty.
struct Verdict {
    var findings: [String] = []

    /// How often each event must be there for an order that ended so; nil: not part of its path.
    private typealias Counts = [String: Int]

    init(_ log: EventLog, _ driver: OrderDriver, dead: [Received]) throws {
        let ids = log.doubledIds
        if !ids.isEmpty { findings.append("\(ids.count) ids stand on more than one event, for example \(ids[0])") }
        findings += dead.prefix(5).map { "a dead letter: \($0.header("x-dead-reason") ?? "") \($0.header("x-dead-detail") ?? "")" }
        let events = Dictionary(grouping: log.events.filter { $0.key?.hasPrefix(driver.prefix) == true }, by: { $0.key ?? "" })
        for number in 1...driver.orders { judge(driver.orderId(number), events[driver.orderId(number), default: []], driver) }
        try judgeNumbers(log)
        try judgeAnswers(log, driver)
    }

    private mutating func judge(_ orderId: String, _ events: [Received], _ driver: OrderDriver) {
        var counts: Counts = [:]
        for event in events { counts["\(event.topic.split(separator: ".")[1]).\(event.name ?? "")", default: 0] += 1 }
        let path = driver.path(orderId)
        let isShipped = counts["shipping.shipped"] != nil
        if isShipped == (counts["allocation.deallocated"] != nil) {
            findings.append(
                "\(orderId) (\(path)) is \(isShipped ? "shipped and deallocated" : "neither shipped nor deallocated"): \(counts)")
        }
        if !path.allows(shipped: isShipped) { findings.append("\(orderId) (\(path)) must not end \(isShipped ? "shipped" : "taken back")") }
        let expected = Self.expected(path, isShipped: isShipped)
        // A seal that lost the race is refused by allocation, and so is the ship; one that was asked later only the ship.
        let free = path == .race && !isShipped ? ["allocation.refused"] : []
        for (name, count) in expected where counts[name, default: 0] != count {
            findings.append("\(orderId) (\(path)): \(name) \(counts[name, default: 0]) times instead of \(count)")
        }
        for (name, count) in counts where expected[name] == nil && !free.contains(name) {
            findings.append("\(orderId) (\(path)): \(count) unforeseen \(name)")
        }
    }

    private static func expected(_ path: OrderPath, isShipped: Bool) -> Counts {
        var counts: Counts = ["allocation.order-registered": 1, "allocation.allocated": 1, "waybill.opened": 1]
        if path == .obtained { counts["waybill.obtained"] = 1 }
        if path != .takenBack, path != .afterSale {
            counts["waybill.returned"] = 1
            counts["shipping.ready"] = 1
        }
        if isShipped {
            counts["allocation.sealed"] = 1
            counts["shipping.shipped"] = 1
        } else {
            counts["allocation.deallocated"] = 1
            counts["waybill.voided"] = 1
            if path == .race { counts["shipping.refused"] = 1 }
        }
        if path == .afterSale || path == .race { counts["allocation.order-held"] = 1 }
        return counts
    }

    private mutating func judgeNumbers(_ log: EventLog) throws {
        var owners: [String: String] = [:]
        for event in log.events where event.type == Returned.type {
            let body = try event.body(Returned.self)
            if let other = owners.updateValue(body.orderId, forKey: body.waybillNumber) {
                findings.append("\(body.waybillNumber) is on \(other) and on \(body.orderId)")
            }
        }
    }

    /// Each command has one answer: accepted or refused.
    private mutating func judgeAnswers(_ log: EventLog, _ driver: OrderDriver) throws {
        let sent = driver.progress.withLock { $0.sent.values.flatMap(Array.init) }
        for (suffix, service) in [
            (":placed", ServiceName.allocation), (":allocate", .allocation), (":deallocate", .allocation), (":obtain", .waybill),
            (":return", .waybill), (":ship", .shipping),
        ] {
            let (missing, doubled) = log.unanswered(sent.filter { $0.hasSuffix(suffix) }, by: service)
            if !missing.isEmpty { findings.append("\(missing.count) \(suffix) without an answer, for example \(missing[0])") }
            if !doubled.isEmpty { findings.append("\(doubled.count) \(suffix) with more than one answer, for example \(doubled[0])") }
        }
    }
}
