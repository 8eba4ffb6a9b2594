import Contracts
import TestSupport

/// What a stranger finds in the log and in the partner's books after everything: this list must be empty.
struct WarehouseVerdict {
    private(set) var findings: [String] = []
    private let books: PartnerBooks

    /// - Parameter reports: ids of what the console has told shipping of the partner's pushes.
    init(_ log: EventLog, _ books: PartnerBooks, _ driver: OrderDriver, dead: [Received], reports: Set<String>) throws {
        self.books = books
        findings = log.commonFindings(dead: dead)
        let events = log.byOrder(of: driver)
        for order in driver.all { try judge(order, events[order.id, default: []]) }
        let known = Set(driver.all.map(\.allocationId))
        findings += books.orders.keys.filter { !known.contains($0) }.prefix(5).map { "the partner has an order for \($0)" }
        findings += log.answerFindings(
            driver,
            [
                (":placed", .allocation), (":allocate", .allocation), (":cancel", .shipping), (":pull", .shipping),
                (":pull-last", .shipping),
            ])
        findings += log.answerFindings(Array(reports), "report-status", by: .shipping)
    }

    private mutating func judge(_ order: NumberedOrder, _ events: [Received]) throws {
        func find(_ what: String) { findings.append("\(order.id) (\(WarehousePath(order))): \(what)") }
        func all<Body: Contracts.Message>(_ type: Body.Type) throws -> [Body] {
            try events.filter { $0.type == type.type }.map { try $0.body(type) }
        }
        let made = books.creates[order.allocationId, default: 0]
        let held = books.orders[order.allocationId, default: []]
        if made > 1 || held.count != made { find("\(made) were made at the partner, who has \(held.count)") }

        let created = try all(OutboundCreated.self)
        let shipped = try all(Shipped.self)
        let statuses = try all(OutboundStatus.self)
        let cancelled = try all(OutboundCancelled.self)
        let deallocated = try all(Deallocated.self)
        if created.map(\.partnerNumber) != held.map(\.number) { find("created as \(created.map(\.partnerNumber)), not as \(held)") }
        if (shipped.count, deallocated.count) != (1, 0), (shipped.count, deallocated.count) != (0, 1) {
            find("\(shipped.count) times shipped and \(deallocated.count) times deallocated")
        }
        for (before, after) in zip(statuses, statuses.dropFirst()) where after.state.rank < before.state.rank {
            find("\(before.state) became \(after.state)")
        }
        guard let partner = held.first else {
            // Taken back before the partner was asked, or before it was sealed.
            if deallocated.isEmpty || !WarehousePath(order).mayBeTakenBack { find("the partner has no order") }
            return
        }
        if partner.isCancelled {
            if !WarehousePath(order).mayBeTakenBack { find("nobody wanted it cancelled") }
            if cancelled.count != 1 || deallocated.count != 1 { find("cancelled at the partner, here \(cancelled.count) times") }
            if cancelled.first?.cause != deallocated.first?.reason { find("cancelled for another reason than released") }
        } else {
            if !cancelled.isEmpty { find("cancelled, and at the partner \(partner.status)") }
            if statuses.last?.state != PartnerBooks.state(partner.status) {
                find("\(statuses.last.map { "\($0.state)" } ?? "no status"), and at the partner \(partner.status)")
            }
            if shipped.first?.waybillNumber != partner.waybill { find("shipped under another number than \(partner.waybill ?? "none")") }
        }
    }
}
