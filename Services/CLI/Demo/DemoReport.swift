import Contracts
import JSON
import OrderImports
import Partners
import Runtime
import SampleData

/// The end of a demonstration: what went in, what became of it, and whether the sums agree.
struct DemoReport {
    /// Something that must be equal.
    struct Check: Equatable {
        let what: String
        let expected: Int
        let found: Int
        var holds: Bool { expected == found }
    }

    private(set) var records = 0
    private(set) var placed = 0
    private(set) var notToShip = 0
    private(set) var copies = 0
    private(set) var badRows = 0
    private(set) var shipped = 0
    private(set) var shippedByRule = 0
    private(set) var shippedAfterReallocation = 0
    private(set) var mergedParcels = 0
    /// Orders that ended taken back, by reason.
    private(set) var takenBack: [String: Int] = [:]
    /// Allocations that were taken back, by how far their parcels were.
    private(set) var voided: [String: Int] = [:]
    /// Orders that were never allocated because of what holds them.
    private(set) var held = 0
    /// Orders that none of these is true of.
    private(set) var open = 0
    /// Refusals, by code.
    private(set) var refused: [String: Int] = [:]
    private(set) var dead: [String: Int] = [:]
    private(set) var checks: [Check] = []
    private(set) var surprises: [String] = []

    /// nil: partners were not shown.
    let partners: DemoPartners.Outcome?

    init(
        _ plan: DemoPlan, _ exports: [DemoScenario.Export], _ imports: [ImportReport], _ driver: DemoDriver,
        _ partners: DemoPartners.Outcome? = nil
    ) {
        self.partners = partners
        let world = driver.world
        count(imports)
        for order in plan.orders { count(order, world) }
        for (_, answer) in world.answers { if case .refused(let code) = answer { refused[code, default: 0] += 1 } }
        dead = world.dead
        surprises = driver.surprises.map { "\($0.step.type) of \($0.step.key): expected \($0.step.expected), got \($0.answer)" }
        checkInput(exports)
        checkOutcome(plan, world)
        if let partners { checkPartners(partners) }
    }

    private mutating func checkPartners(_ partners: DemoPartners.Outcome) {
        check("warehouse orders out of the door", 2, partners.shippedByPush + partners.shippedByPull)
        check("skus of the warehouse's stock", DemoPartnerWorld.skus.count, partners.stockLevels)
        check("orders downloaded by the channel", 1, partners.downloaded)
    }

    var holds: Bool { surprises.isEmpty && checks.allSatisfy(\.holds) }

    private mutating func count(_ imports: [ImportReport]) {
        for report in imports {
            records += report.records
            placed += report.placed
            notToShip += report.notToShip.values.reduce(0, +)
            copies += report.duplicates
            badRows += report.problems.count
        }
    }

    private mutating func count(_ order: DemoPlan.Order, _ world: DemoWorld) {
        let first = world.allocations["\(order.orderId)/1"]
        let last = world.allocations["\(order.orderId)/2"] ?? first
        for allocation in [first, world.allocations["\(order.orderId)/2"]] {
            if let stage = allocation?.voidedAt { voided[stage.rawValue, default: 0] += 1 }
        }
        guard let last else {
            if world.registered.contains(order.orderId), order.isHeld { held += 1 } else { open += 1 }
            return
        }
        if last.isShipped {
            shipped += 1
            if last.byRule { shippedByRule += 1 }
            if first?.takenBack != nil { shippedAfterReallocation += 1 }
            if case .merged = order.number { mergedParcels += 1 }
        } else if let reason = last.takenBack {
            takenBack[reason.rawValue, default: 0] += 1
        } else {
            open += 1
        }
    }

    private mutating func check(_ what: String, _ expected: Int, _ found: Int) {
        checks.append(Check(what: what, expected: expected, found: found))
    }

    private mutating func checkInput(_ exports: [DemoScenario.Export]) {
        let expected = exports.map(\.expected)
        check("records in the exports", expected.reduce(0) { $0 + $1.records }, records)
        check("orders to be shipped", expected.reduce(0) { $0 + $1.toShip }, placed)
        check("orders not to be shipped", expected.reduce(0) { $0 + $1.refunded + $1.otherStatus }, notToShip)
        check("copies within the files", expected.reduce(0) { $0 + $1.duplicates }, copies)
        check("bad rows", expected.reduce(0) { $0 + $1.bad }, badRows)
        check("placed + not to ship + copies + bad rows = records", records, placed + notToShip + copies + badRows)
    }

    private mutating func checkOutcome(_ plan: DemoPlan, _ world: DemoWorld) {
        let back = takenBack.values.reduce(0, +)
        check("orders registered", placed, plan.orders.count { world.registered.contains($0.orderId) })
        check("shipped + taken back + held = placed", placed, shipped + back + held)
        check("shipped as planned", plan.orders.count(where: \.isShipped), shipped)
        check("held as planned", plan.orders.count(where: \.isHeld), held)
        for (by, reason) in [
            (DemoPlan.TakeBack.merchant, DeallocationReason.merchant), (.afterSale, .afterSale), (.risk, .riskControl),
        ] {
            let planned = plan.orders.count {
                if case .takenBack(by, _) = $0.fate { return true }
                return false
            }
            check("taken back as planned: \(reason.rawValue)", planned, takenBack[reason.rawValue] ?? 0)
        }
        check("numbers on more than one door's parcels", 0, Self.sharedNumbers(plan, world))
        check("unshipped allocations in force", 0, open)
        check("dead letters", 0, dead.values.reduce(0, +))
        check("events that cannot be read", 0, world.unreadable)
    }

    private static func sharedNumbers(_ plan: DemoPlan, _ world: DemoWorld) -> Int {
        var owner: [String: DemoPlan.Order] = [:]
        var shared = 0
        for order in plan.orders {
            for number in world.allocations[order.allocationId]?.numbers ?? [] {
                if let other = owner[number] {
                    let isSame = other.merchant == order.merchant && other.lastFactory == order.lastFactory
                    if !isSame || other.row.recipient != order.row.recipient { shared += 1 }
                } else {
                    owner[number] = order
                }
            }
        }
        return shared
    }
}

extension DemoReport {
    /// For people.
    var text: String {
        var rows: [(Int, String)] = [
            (records, "records in the order exports"), (placed, "  placed"), (notToShip, "  not to be shipped (other states)"),
            (copies, "  copies within a file"), (badRows, "  bad rows, reported and left out"), (shipped, "orders shipped"),
            (shippedByRule, "  allocated by the rule"), (shippedAfterReallocation, "  taken back first and given to another factory"),
            (mergedParcels, "  in another order's parcel"), (takenBack.values.reduce(0, +), "orders taken back"),
        ]
        rows += Self.sorted(takenBack).map { ($0.1, "  because of: \($0.0)") }
        rows += Self.sorted(voided).map { ($0.1, "  parcels stopped when: \($0.0)") }
        rows.append((held, "orders held since they came"))
        if open > 0 { rows.append((open, "orders left over")) }
        rows.append((refused.values.reduce(0, +), "commands refused"))
        rows += Self.sorted(refused).map { ($0.1, "  \($0.0)") }
        rows.append((dead.values.reduce(0, +), "dead letters"))
        rows += Self.sorted(dead).map { ($0.1, "  \($0.0)") }
        if let partners {
            rows += [
                (partners.convenient + partners.standard, "partners' warehouses linked"),
                (partners.convenient, "  by convenient authorization, with message subscription"),
                (partners.standard, "  by standard authorization, without"),
                (partners.shippedByPush + partners.shippedByPull, "orders shipped by partners' warehouses"),
                (partners.shippedByPush, "  their statuses were pushed"), (partners.shippedByPull, "  their statuses were pulled"),
                (partners.stockLevels, "skus of stock reported"), (partners.downloaded, "orders downloaded by a channel"),
            ]
        }
        let width = rows.map { "\($0.0)".utf8.count }.max() ?? 1
        var text = rows.map { count, name in
            let number = "\(count)"
            return "\(String(repeating: " ", count: width - number.utf8.count))\(number)  \(name)\n"
        }.joined()
        for check in checks where !check.holds { text += "WRONG  \(check.what): expected \(check.expected), found \(check.found)\n" }
        for surprise in surprises.prefix(20) { text += "WRONG  \(surprise)\n" }
        if surprises.count > 20 { text += "WRONG  and \(surprises.count - 20) answers more\n" }
        return text
            + (holds ? "All \(checks.count) sums agree with the input.\n" : "The sums do not agree with the input: this is a bug.\n")
    }

    /// For scripts.
    var json: JSONValue {
        func counts(_ counts: [String: Int]) -> JSONValue { .object(counts.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) }) }
        let checks = checks.map { check -> JSONValue in
            .object([
                ("what", .string(check.what)), ("expected", .int(check.expected)), ("found", .int(check.found)),
                ("holds", .bool(check.holds)),
            ])
        }
        return .object([
            ("records", .int(records)), ("placed", .int(placed)), ("notToShip", .int(notToShip)), ("copies", .int(copies)),
            ("badRows", .int(badRows)), ("shipped", .int(shipped)), ("shippedByRule", .int(shippedByRule)),
            ("shippedAfterReallocation", .int(shippedAfterReallocation)), ("mergedParcels", .int(mergedParcels)),
            ("takenBack", counts(takenBack)), ("voided", counts(voided)), ("held", .int(held)), ("open", .int(open)),
            ("refused", counts(refused)), ("dead", counts(dead)), ("checks", .array(checks)),
            ("surprises", .array(surprises.map { .string($0) })), ("holds", .bool(holds)),
        ])
    }

    private static func sorted(_ counts: [String: Int]) -> [(String, Int)] {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    }
}
