import Contracts
import Crypto
import Identity
import JSON
import OrderImports
import Partners
import ReadModel
import Runtime
import Threads

/// An export that was read, and waits to be carried in.
struct ReadImport: Sendable {
    let id: String
    let merchant: String
    let user: String?
    let export: OrderExport.Result
    let sealer: RecipientSealer

    /// What is known of it before any row is taken.
    var counts: [UInt8] { ImportReport(export).counts }
}

/// An export on its way in. For one thread.
struct ImportRun {
    /// Why it ends before its end.
    enum Failure: Error, CustomStringConvertible {
        case notTaken, stopped, modelBehind

        var description: String {
            switch self {
            case .notTaken: "Kafka does not take the orders"
            case .stopped: "the console stops"
            case .modelBehind: "what is known already could not be read in time"
            }
        }
    }

    /// Rows of which the facts are sent together.
    static let rowsAtOnce = 500
    /// Seconds between two attempts to send.
    private static let retryInterval = 1.0
    /// Seconds between two looks at what allocation has registered.
    private static let lookInterval = 0.05
    /// Seconds in which the model is to hold what the topics hold.
    private static let settleTimeout = 30.0

    private let read: ReadImport
    private var orders: OrderImport
    /// What the ledger has.
    private(set) var toldCounts: [UInt8]
    private var toldRows = 0
    private var placed: [String] = []

    init(_ read: ReadImport) throws(CryptoError) {
        self.read = read
        orders = try OrderImport(read.export, merchantShopId: read.merchant, repetition: .isKnown)
        toldCounts = read.counts
    }

    /// Sends everything and keeps the ledger up to date. Blocks.
    mutating func carryIn(_ surroundings: ImportDesk.Surroundings, _ recent: RecentOrders, _ isStopped: Monitor<Bool>) throws {
        // What an import before this one has placed is known.
        guard surroundings.settle(Self.settleTimeout) else { throw Failure.modelBehind }
        let isWhole = try surroundings.model.knownSince().allSatisfy { $0.topic != Topics.orders }
        let known = { [merchant = read.merchant] (orderId: String) throws -> OrderExport.Knowledge in
            if recent.contains(orderId, of: merchant) { return .placed }
            if try surroundings.model.order(orderId, merchant: merchant) != nil { return .placed }
            return isWhole ? .unknown : .undecided
        }
        while let facts = try orders.next(Self.rowsAtOnce, known: known, sealer: read.sealer) {
            try send(facts, surroundings, isStopped)
            let orders = facts.filter { $0.type == OrderPlaced.type }.map(\.orderId)
            recent.add(orders, of: read.merchant)
            placed += orders
            try tell(.running, surroundings.ledger)
        }
        try awaitOrders(surroundings, isStopped)
        try tell(.done, surroundings.ledger)
    }

    /// Who reads that an import is done finds its orders, unless allocation is slow or away.
    private func awaitOrders(_ surroundings: ImportDesk.Surroundings, _ isStopped: Monitor<Bool>) throws(ReadModelError) {
        let deadline = Deadline.after(surroundings.registering)
        for orderId in placed {
            while try surroundings.model.order(orderId, merchant: read.merchant) == nil {
                if deadline.hasPassed || isStopped.wait(until: .after(Self.lookInterval), { $0 }) { return }
            }
        }
    }

    private mutating func tell(_ state: ImportState, _ ledger: any RequestLedger) throws(PeopleError) {
        let (counts, rows) = (orders.report.counts, orders.report.problems.dropFirst(toldRows).map { BadRow($0) })
        try ledger.update(importId: read.id, state: state, counts: counts, badRows: rows)
        toldCounts = counts
        toldRows += rows.count
    }

    private func send(_ facts: [OrderFact], _ surroundings: ImportDesk.Surroundings, _ isStopped: Monitor<Bool>) throws(Failure) {
        guard !facts.isEmpty else { return }
        let messages = facts.map { OutgoingCommand($0, of: read.merchant, user: read.user) }
        let deadline = Deadline.after(surroundings.patience)
        while true {
            if isStopped.withLock({ $0 }) { throw .stopped }
            // Ids follow from what the facts say: one that arrives twice is a copy.
            if surroundings.send(messages) { return }
            if deadline.hasPassed { throw .notTaken }
            if isStopped.wait(until: .after(Self.retryInterval), { $0 }) { throw .stopped }
        }
    }
}

extension OutgoingCommand {
    /// A fact of a merchant's own export.
    init(_ fact: OrderFact, of merchant: String, user: String?) {
        self.init(
            type: fact.type, topic: Topics.orders, key: fact.orderId, body: fact.body, id: fact.id, actor: Actor(.merchant, merchant),
            user: user, at: fact.time, traceparent: nil)
    }
}

extension BadRow {
    /// Never what stood in the row, but for the order's number.
    init(_ row: OrderExport.BadRow) {
        self.init(line: row.line, orderNumber: row.orderNumber, column: row.column, reason: row.reason, fault: row.fault?.rawValue)
    }
}

extension ImportReport {
    /// As the API tells them: a JSON object.
    var counts: [UInt8] {
        let states = notToShip.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.int($0.value)) }
        return JSONValue.object([
            ("records", .int(records)), ("placed", .int(placed)), ("afterSale", .int(afterSale)), ("riskHeld", .int(riskHeld)),
            ("notToShip", .object(states)), ("known", .int(known)), ("copies", .int(duplicates)),
        ]).json
    }
}
