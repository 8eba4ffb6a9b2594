import JSON
import Partners
import Runtime

/// What became of an export's records: each is placed, known, not to ship, a copy, or a problem.
struct ImportReport {
    let records: Int
    let encoding: CSVEncoding
    let duplicates: Int
    /// Orders to be shipped, with a fact `placed`.
    private(set) var placed = 0
    /// Of `placed`: with an after-sale open or refunded, held by risk control.
    private(set) var afterSale = 0
    private(set) var riskHeld = 0
    /// Orders that Daifa had already, for which the export's state gave facts.
    var known = 0
    /// Orders not to be shipped, by 订单状态; those of `known` that have such a state are among them.
    var notToShip: [String: Int] = [:]
    var factsSent = 0
    /// Records that were not imported, by line.
    var problems: [ImportProblem]

    init(_ export: OrderExport.Result) {
        records = export.records
        encoding = export.encoding
        duplicates = export.duplicates
        problems = export.badRows.map(ImportProblem.init)
    }

    mutating func countPlaced(_ row: OrderExport.Row) {
        placed += 1
        if row.riskHeld { riskHeld += 1 }
        switch row.afterSale {
        case .open, .refunded: afterSale += 1
        case .none, .closed: break
        }
    }

    mutating func sortProblems() { problems.sort { $0.line < $1.line } }

    /// For people.
    func text(file: String, isRehearsal: Bool) -> String {
        var rows: [(String, Int)] = [("placed, to be shipped", placed)]
        if afterSale > 0 { rows.append(("  of these with an after-sale", afterSale)) }
        if riskHeld > 0 { rows.append(("  of these under risk control", riskHeld)) }
        let states = notToShip.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        rows.append(("not to ship", states.reduce(0) { $0 + $1.value }))
        rows += states.map { ("  \($0.key)", $0.value) }
        if known > 0 { rows.append(("known orders that changed", known)) }
        if duplicates > 0 { rows.append(("copies within the file", duplicates)) }
        if !problems.isEmpty { rows.append(("bad rows, not imported", problems.count)) }
        let digits = rows.map { "\($0.1)".count }.max() ?? 1
        var text =
            "\(file): \(records) records, \(encoding.rawValue)\(isRehearsal ? ", nothing sent (--dry-run)" : ", \(factsSent) facts sent")\n"
        for (name, count) in rows {
            let number = "\(count)"
            text += "  \(String(repeating: " ", count: digits - number.count))\(number)  \(name)\n"
        }
        return text
    }

    /// For scripts: one object for each problem, and one for the whole.
    func lines(file: String, isRehearsal: Bool) -> [JSONValue] {
        let states = notToShip.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.int($0.value)) }
        return problems.map(\.json) + [
            .object([
                ("kind", .string("summary")), ("file", .string(file)), ("encoding", .string(encoding.rawValue)),
                ("dryRun", .bool(isRehearsal)), ("records", .int(records)), ("placed", .int(placed)), ("afterSale", .int(afterSale)),
                ("riskHeld", .int(riskHeld)), ("notToShip", .object(states)), ("known", .int(known)), ("copies", .int(duplicates)),
                ("badRows", .int(problems.count)), ("factsSent", .int(factsSent)),
            ])
        ]
    }
}

extension ImportProblem {
    /// For standard error: where, and what to do.
    func text(file: String) -> String {
        var text = "\(file):\(line): "
        if let orderNumber { text += "order \(orderNumber): " }
        if let column { text += "column \(column)\(value.map { " (\"\($0)\")" } ?? ""): " }
        return text + reason
    }

    var json: JSONValue {
        var members: [(String, JSONValue)] = [("kind", .string("bad-row")), ("line", .int(line))]
        if let orderNumber { members.append(("order", .string(orderNumber))) }
        if let column { members.append(("column", .string(column))) }
        if let value { members.append(("value", .string(value))) }
        return .object(members + [("reason", .string(reason))])
    }
}
