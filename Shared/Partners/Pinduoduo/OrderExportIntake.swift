public import Contracts

extension OrderExport {
    /// Whether an order was placed in Daifa before.
    ///
    /// What an export says of an order that is not to be shipped (cancelled, refunded) matters only when Daifa has the order: for any other
    /// it would make state that nobody ever asks for.
    public enum Knowledge: Equatable, Sendable {
        case placed
        /// Never placed.
        case unknown
        /// Nobody can tell any more. Facts about it are sent: too many do no harm, one too few ships an order that was cancelled.
        case undecided
    }

    /// What becomes of a row.
    public struct Outcome: Sendable {
        public enum Kind: Sendable {
            /// To be shipped: it has a fact `placed`, the last one.
            case placed
            /// Daifa has the order already, and learns what holds or ends it.
            case known
            /// Not to be shipped, and nothing to tell.
            case notToShip
            /// Not placed; the reason.
            case bad(BadRow)
        }

        public let kind: Kind
        /// In the order in which they are to be sent.
        public var facts: [OrderFact] = []
        public var notices: [Notice] = []
    }

    /// Decides, without input or output, what an import sends for each row.
    public struct Intake {
        private let translation: OrderExportTranslation
        private let skuColumn: String
        private let placesAgain: Bool

        /// - Parameter placesAgain: whether an order to be shipped is placed even if Daifa has it, which is a copy: for one who does not know.
        public init(_ translation: OrderExportTranslation, of export: Result, placesAgain: Bool = true) {
            self.translation = translation
            self.placesAgain = placesAgain
            skuColumn = export.skuColumn
        }

        /// Whether the outcome depends on Daifa having the order.
        public static func needsKnowledge(of row: Row) -> Bool {
            switch row.disposition {
            case .toShip: row.recipient.isMissing || row.recipient.isMasked
            case .known(_, let facts): !facts.isEmpty
            }
        }

        /// - Parameters:
        ///   - known: what is known of the row's order; it counts only where `needsKnowledge`, and unless an order is placed again.
        ///   - seal: makes of a recipient in clear and the order's id what may stand on a topic.
        public func outcome<Failure>(
            of row: Row, known: Knowledge, seal: (Contracts.Recipient, String) throws(Failure) -> PlacedRecipient
        ) throws(Failure) -> Outcome {
            let others = translation.facts(row)
            guard case .toShip = row.disposition else {
                return others.isEmpty || known == .unknown ? Outcome(kind: .notToShip) : Outcome(kind: .known, facts: others)
            }
            // The platform masks recipients in later exports, or leaves them out: what holds a known order counts all the same.
            if known == .placed, !placesAgain || Self.needsKnowledge(of: row) { return Outcome(kind: .known, facts: others) }
            let recipient: Contracts.Recipient
            do throws(BadRow) { recipient = try translation.recipient(row) } catch {
                return Outcome(kind: .bad(error), facts: known == .undecided ? others : [])
            }
            let sealed = try seal(recipient, OrderExportTranslation.orderId(row))
            do throws(BadRow) {
                let placed = try translation.placed(row, to: sealed)
                return Outcome(kind: .placed, facts: others + [placed], notices: notices(row))
            } catch {
                return Outcome(kind: .bad(error), facts: known == .undecided ? others : [])
            }
        }

        private func notices(_ row: Row) -> [Notice] {
            guard translation.sku(row) == nil else { return [] }
            let reason =
                row.hasSpec && row.goodsCode != nil
                ? "The specification has no code, and the product's code stands for all of its specifications: the order goes in without sku."
                : "The goods have no code: the order goes in without sku."
            return [
                Notice(
                    line: row.line, orderNumber: row.orderNumber, column: skuColumn,
                    reason: reason + " Enter the code on the platform, or import with a table of 样式ID and 商家编码.")
            ]
        }
    }
}
