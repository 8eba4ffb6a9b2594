import CommandLine
import Contracts
import Crypto
import Kafka
import Partners
import Runtime

/// Carries an order export into Daifa: what `daifa import` does, and the demonstration too.
struct ImportRun {
    /// The shop whose export it is.
    let merchantShopId: String
    let kafka: KafkaConfiguration
    /// Seconds to wait for waybill's key.
    let keyWait: Double
    let mergeSecret: MergeSecret

    /// Sends the facts of the export's rows and waits until Kafka has them.
    /// - Throws: `CommandFailure`, `KafkaError`. Importing again is safe at any time.
    func run(_ export: OrderExport.Result) throws -> ImportReport {
        var report = ImportReport(export)
        let key = try RecipientKey.wait(kafka, timeout: keyWait)
        let translation = ImportTranslation(merchantShopId: merchantShopId, ids: try StableIds())
        let sealer = RecipientSealer(merchantShopId: merchantShopId, key: key, secret: mergeSecret)
        var reading = ProgressBar("Known orders")
        let known = try KnownOrders.read(kafka, among: Self.inQuestion(export.rows), bar: &reading)
        if reading.total > 0 { reading.finish() }

        let producer = try Producer(kafka)
        defer { producer.close() }
        var bar = ProgressBar("Import", total: export.rows.count)
        for (index, row) in export.rows.enumerated() {
            let facts = try Self.facts(row, translation, known, &report) { plain, orderId throws(CryptoError) in
                try sealer.seal(plain, orderId: orderId)
            }
            for fact in facts {
                try producer.send(
                    topic: Topics.orders, key: Array(fact.orderId.utf8), value: fact.body, headers: headers(of: fact))
            }
            report.factsSent += facts.count
            if index % Self.flushInterval == Self.flushInterval - 1 { try producer.flush(timeout: Self.flushTimeout) }
            bar.advance()
        }
        try producer.flush(timeout: Self.flushTimeout)
        bar.finish()
        report.sortProblems()
        return report
    }

    /// What `run` would do, without Kafka: nothing is known, so facts for known orders are not counted.
    static func rehearse(_ export: OrderExport.Result, merchantShopId: String) throws -> ImportReport {
        var report = ImportReport(export)
        let translation = ImportTranslation(merchantShopId: merchantShopId, ids: try StableIds())
        for row in export.rows {
            _ = try facts(row, translation, KnownOrders(), &report) { plain, _ in
                var recipient = PlacedRecipient()
                recipient.province = plain.address.province
                recipient.city = plain.address.city
                recipient.district = plain.address.district
                return recipient
            }
        }
        report.sortProblems()
        return report
    }

    /// Progress is what Kafka has acknowledged, so many rows at a time.
    private static let flushInterval = 500
    private static let flushTimeout = 30.0

    /// Orders for which it matters whether Daifa has them: those that are not to be placed by this file.
    private static func inQuestion(_ rows: [OrderExport.Row]) -> Set<String> {
        var orderIds: Set<String> = []
        for row in rows {
            switch row.disposition {
            case .toShip: if row.recipient.isMasked { orderIds.insert(ImportTranslation.orderId(row)) }
            case .known(_, let facts): if !facts.isEmpty { orderIds.insert(ImportTranslation.orderId(row)) }
            }
        }
        return orderIds
    }

    /// The facts of one row, in the order in which they are sent; counts what becomes of it.
    private static func facts(
        _ row: OrderExport.Row, _ translation: ImportTranslation, _ known: KnownOrders, _ report: inout ImportReport,
        seal: (Recipient, String) throws(CryptoError) -> PlacedRecipient
    ) throws -> [OrderFact] {
        let orderId = ImportTranslation.orderId(row)
        let others = translation.facts(row)
        guard case .toShip = row.disposition else {
            report.notToShip[row.status.rawValue, default: 0] += 1
            guard !others.isEmpty, known[orderId] != .unknown else { return [] }
            report.known += 1
            return others
        }
        // The platform masks recipients in later exports: what holds a known order counts all the same.
        if row.recipient.isMasked, known[orderId] == .placed {
            report.known += 1
            return others
        }
        do {
            let placed = try translation.placed(row, to: seal(translation.recipient(row), orderId))
            report.countPlaced(row)
            return others + [placed]
        } catch let problem as ImportProblem {
            report.problems.append(problem)
            return known[orderId] == .undecided ? others : []
        }
    }

    private func headers(of fact: OrderFact) -> [Header] {
        [
            Header(EnvelopeHeader.specversion, "1.0"), Header(EnvelopeHeader.id, fact.id), Header(EnvelopeHeader.source, "/daifa/cli"),
            Header(EnvelopeHeader.type, fact.type), Header(EnvelopeHeader.subject, fact.orderId),
            Header(EnvelopeHeader.time, "\(fact.time)"),
            Header(EnvelopeHeader.correlationId, fact.id), Header(EnvelopeHeader.actor, "\(Actor(.merchant, merchantShopId))"),
            Header(EnvelopeHeader.contentType, "application/json"),
        ]
    }
}

extension Header {
    init(_ name: String, _ value: String) { self.init(name: name, value: Array(value.utf8)) }
}
