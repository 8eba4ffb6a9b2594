import Contracts
import Kafka
import TestSupport

/// What a stranger finds in the log after everything: each of these lists must be empty.
struct FactoryFindings {
    var findings: [String] = []

    /// How often each event must be there for an order that ended so; nil: not part of its path.
    private typealias Counts = [String: Int]

    init(_ log: EventLog, _ driver: OrderDriver, dead: [Received]) throws {
        findings = log.commonFindings(dead: dead)
        let events = log.byOrder(of: driver)
        for order in driver.all { judge(order, events[order.id, default: []]) }
        try judgeNumbers(log)
        // Each command has one answer: accepted or refused.
        findings += log.answerFindings(
            driver,
            [
                (":placed", .allocation), (":allocate", .allocation), (":deallocate", .allocation), (":obtain", .waybill),
                (":return", .waybill), (":ship", .shipping),
            ])
    }

    private mutating func judge(_ order: NumberedOrder, _ events: [Received]) {
        let orderId = order.id
        var counts: Counts = [:]
        for event in events { counts["\(event.topic.split(separator: ".")[1]).\(event.name ?? "")", default: 0] += 1 }
        let path = OrderPath(order)
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
}
