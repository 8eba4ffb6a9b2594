import JSON
import OrderImports
import Partners
import TableFiles

extension ImportReport {
    /// For people.
    func text(file: String, isRehearsal: Bool) -> String {
        var rows: [(String, Int)] = [("placed, to be shipped", placed)]
        if afterSale > 0 { rows.append(("  of these with an after-sale", afterSale)) }
        if !notices.isEmpty { rows.append(("  of these without sku", notices.count)) }
        if riskHeld > 0 { rows.append(("  of these under risk control", riskHeld)) }
        if withoutRecipient > 0 { rows.append(("to be shipped, without recipient: go in if Daifa has the order", withoutRecipient)) }
        let states = notToShip.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        rows.append(("not to ship", states.reduce(0) { $0 + $1.value }))
        rows += states.map { ("  \($0.key)", $0.value) }
        if known > 0 { rows.append(("known already", known)) }
        if duplicates > 0 { rows.append(("copies within the file", duplicates)) }
        if !problems.isEmpty { rows.append(("bad rows, not imported", problems.count)) }
        let digits = rows.map { "\($0.1)".count }.max() ?? 1
        var text =
            "\(file): \(records) records, \(format)\(isRehearsal ? ", nothing sent (--dry-run)" : ", \(factsSent) facts sent")\n"
        for (name, count) in rows {
            let number = "\(count)"
            text += "  \(String(repeating: " ", count: digits - number.count))\(number)  \(name)\n"
        }
        if !otherSheets.isEmpty { text += "  sheets not read: \(otherSheets.joined(separator: ", "))\n" }
        return text
    }

    /// For scripts: one object for each problem and notice, and one for the whole.
    func lines(file: String, isRehearsal: Bool) -> [JSONValue] {
        let states = notToShip.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.int($0.value)) }
        return problems.map(\.json) + notices.map(\.json) + [
            .object([
                ("kind", .string("summary")), ("file", .string(file)), ("encoding", .string("\(format)")),
                ("otherSheets", .array(otherSheets.map { .string($0) })),
                ("dryRun", .bool(isRehearsal)), ("records", .int(records)), ("placed", .int(placed)), ("afterSale", .int(afterSale)),
                ("riskHeld", .int(riskHeld)), ("notToShip", .object(states)), ("known", .int(known)), ("withoutSku", .int(notices.count)),
                ("withoutRecipient", .int(withoutRecipient)), ("copies", .int(duplicates)),
                ("badRows", .int(problems.count)), ("factsSent", .int(factsSent)),
            ])
        ]
    }
}

extension OrderExport.BadRow {
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

extension OrderExport.Notice {
    /// For standard error: where, and what was done.
    func text(file: String) -> String { "\(file):\(line): order \(orderNumber): column \(column): \(reason)" }

    var json: JSONValue {
        .object([
            ("kind", .string("notice")), ("line", .int(line)), ("order", .string(orderNumber)), ("column", .string(column)),
            ("reason", .string(reason)),
        ])
    }
}
