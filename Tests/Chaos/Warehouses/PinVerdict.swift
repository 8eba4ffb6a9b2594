import Contracts
import TestSupport

/// One PIN has one merchant at a time: by the events of its account, which are in order, and by the rows of its warehouses.
struct PinVerdict {
    private(set) var findings: [String] = []
    /// How often a PIN went from one merchant to another.
    private(set) var handedOn = 0

    init(_ log: EventLog, rows: [Received]) throws {
        let accounts = Dictionary(grouping: log.events.filter { $0.topic == ServiceName.authorization.events }, by: { $0.key ?? "" })
        for (account, events) in accounts { try judge(account, events) }
        let warehouses = try rows.map { (row: try $0.body(WarehouseRow.self), time: $0.time ?? "") }
        for (pin, rows) in Dictionary(grouping: warehouses, by: \.row.pin) { judge(pin, rows) }
    }

    private mutating func judge(_ account: String, _ events: [Received]) throws {
        var links: [String: String] = [:]
        var last: String?
        for event in events {
            switch event.type {
            case Granted.type:
                let granted = try event.body(Granted.self)
                let merchant = granted.merchantShopId ?? ""
                if let other = links.values.first(where: { $0 != merchant }) {
                    findings.append("\(account) was granted to \(merchant) while \(other) had it")
                }
                links[granted.authorizationId] = merchant
                if let last, last != merchant { handedOn += 1 }
                last = merchant
            case Revoked.type: links[try event.body(Revoked.self).authorizationId] = nil
            default: break
            }
        }
    }

    /// Rows of different warehouses lie in different partitions: what was closed in a millisecond was closed before another was opened in it.
    private mutating func judge(_ pin: String, _ rows: [(row: WarehouseRow, time: String)]) {
        var owners: [String: String] = [:]
        let inOrder = rows.sorted {
            ($0.time, $0.row.state == .closed ? 0 : 1, $0.row.version) < ($1.time, $1.row.state == .closed ? 0 : 1, $1.row.version)
        }
        for (row, time) in inOrder {
            owners[row.warehouseId] = row.state == .closed ? nil : row.merchantShopId
            if Set(owners.values).count > 1 { findings.append("\(pin) has warehouses of \(owners.values.sorted()) at \(time)") }
        }
    }
}
