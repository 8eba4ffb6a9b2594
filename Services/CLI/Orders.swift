import CommandLine
import Contracts
import JSON
import Runtime

/// `daifa orders`: states at a glance.
struct Orders: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orders", abstract: "Show where orders stand: target, state, waybill number, holds.",
        discussion: """
            Reads the events of allocation, waybill and shipping from the beginning; one line for each allocation.
            States: open, held, cancelled; allocated, obtained, printed, ready, sealed, shipped, taken-back (why).
            """,
        examples: [
            .init("daifa orders"), .init("daifa orders --merchant m1 --state ready"), .init("daifa orders --order m1:1 --json"),
        ])

    @Option(help: "This order only.", valueName: "order id") var order: String?
    @Option(help: "Orders of this merchant only.", valueName: "shop id") var merchant: String?
    @Option(help: "Orders with a line in this state only.") var state: String?
    @Flag(help: "Counts alone.") var summary = false
    @Flag(help: "One JSON object for each order.") var json = false

    func run() throws {
        var board = OrdersBoard()
        try CommandLineKafka.readAll(OrdersBoard.topics, try CommandLineKafka.configuration(), title: "Reading events") { board.take($0) }
        let shown = board.orders.filter { accepts($0.key, $0.value) }.sorted { $0.key < $1.key }
        if let order, shown.isEmpty {
            throw CommandFailure(.badData, "no event tells of an order \(order)\(merchant == nil && state == nil ? "" : " like that")")
        }
        if json {
            for (id, order) in shown { Terminal.write(jsonLine(Self.object(id, order))) }
            return
        }
        let rows = shown.flatMap { Self.rows($0.key, $0.value) }
        if !summary { Terminal.writeLine(TextTable.text([Self.head] + rows)) }
        Terminal.writeLine(Self.counts(rows))
    }

    private func accepts(_ id: String, _ order: OrdersBoard.Order) -> Bool {
        if let wanted = self.order, id != wanted { return false }
        if let merchant, order.merchantShopId != merchant { return false }
        guard let state else { return true }
        return Self.rows(id, order).contains { $0[3] == state || $0[3].hasPrefix("\(state) (") }
    }

    private static let head = ["ORDER", "MERCHANT", "TARGET", "STATE", "WAYBILL", "HOLDS"]

    /// One line for each allocation, and one for an order without any in force.
    static func rows(_ id: String, _ order: OrdersBoard.Order) -> [[String]] {
        let merchant = order.merchantShopId ?? "-"
        let holds = order.holds.isEmpty ? "-" : order.holds.map(\.rawValue).joined(separator: " ")
        guard !order.allocations.isEmpty else { return [[id, merchant, "-", order.openState, "-", holds]] }
        let rows: [[String]] = order.allocationIds.compactMap { name in
            order.allocations[name].map { allocation in
                let target = allocation.target.map { "\($0.kind.rawValue):\($0.id)" } ?? "-"
                let number = [allocation.carrier, allocation.waybillNumber].compactMap { $0 }.joined(separator: " ")
                return [name, merchant, target, allocation.state, number.isEmpty ? "-" : number, holds]
            }
        }
        guard order.isTakenBack else { return rows }
        return rows + [[id, merchant, "-", order.openState, "-", holds]]
    }

    /// `5 lines: 2 open, 3 shipped`.
    static func counts(_ rows: [[String]]) -> String {
        var counts: [String: Int] = [:]
        for row in rows { counts[row[3], default: 0] += 1 }
        let parts = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }
        return "\(rows.count) \(rows.count == 1 ? "line" : "lines")\(parts.isEmpty ? "" : ": ")\(parts.joined(separator: ", "))"
    }

    static func object(_ id: String, _ order: OrdersBoard.Order) -> [(String, JSONValue)] {
        let allocations = order.allocationIds.compactMap { name -> JSONValue? in
            guard let allocation = order.allocations[name] else { return nil }
            var members: [(String, JSONValue)] = [("allocationId", .string(name)), ("state", .string(allocation.state))]
            if let target = allocation.target {
                members.append(("target", .object([("kind", .string(target.kind.rawValue)), ("id", .string(target.id))])))
            }
            if let carrier = allocation.carrier { members.append(("carrier", .string(carrier))) }
            if let number = allocation.waybillNumber { members.append(("waybillNumber", .string(number))) }
            return .object(members)
        }
        return [
            ("orderId", .string(id)), ("merchantShopId", order.merchantShopId.map { .string($0) } ?? .null),
            ("cancelled", .bool(order.isCancelled)), ("holds", .array(order.holds.map { .string($0.rawValue) })),
            ("allocations", .array(allocations)),
        ]
    }
}
