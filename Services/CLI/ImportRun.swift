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
    /// For services that require one.
    var proof = SenderProof.none
    /// Seconds to wait for waybill's key.
    let keyWait: Double
    let mergeSecret: MergeSecret
    /// The merchant's codes of what has none in the export.
    var codes = OrderExport.Codes()

    /// Sends the facts of the export's rows and waits until Kafka has them.
    /// - Throws: `CommandFailure`, `KafkaError`. Importing again is safe at any time.
    func run(_ export: OrderExport.Result) throws -> ImportReport {
        var report = ImportReport(export)
        let key = try RecipientKey.wait(kafka, timeout: keyWait)
        let intake = OrderExport.Intake(
            OrderExportTranslation(merchantShopId: merchantShopId, ids: try StableIds(), codes: codes), of: export)
        let sealer = RecipientSealer(merchantShopId: merchantShopId, key: key, secret: mergeSecret)
        var reading = ProgressBar("Known orders")
        let known = try KnownOrders.read(kafka, among: Self.inQuestion(export.rows), bar: &reading)
        if reading.total > 0 { reading.finish() }

        let producer = try Producer(kafka)
        defer { producer.close() }
        var bar = ProgressBar("Import", total: export.rows.count)
        for (index, row) in export.rows.enumerated() {
            let outcome = try intake.outcome(of: row, known: known[OrderExportTranslation.orderId(row)]) {
                plain, orderId throws(CryptoError) in
                try sealer.seal(plain, orderId: orderId)
            }
            report.count(outcome, of: row)
            for fact in outcome.facts {
                try producer.send(
                    topic: Topics.orders, key: Array(fact.orderId.utf8), value: fact.body,
                    headers: proof.added(to: headers(of: fact), topic: Topics.orders, key: fact.orderId, body: fact.body))
            }
            report.factsSent += outcome.facts.count
            if index % Self.flushInterval == Self.flushInterval - 1 { try producer.flush(timeout: Self.flushTimeout) }
            bar.advance()
        }
        try producer.flush(timeout: Self.flushTimeout)
        bar.finish()
        report.sortProblems()
        return report
    }

    /// Tells what `run` would do, without Kafka: nothing is known, so facts for known orders are not counted, and orders to be shipped
    /// without a recipient are counted apart.
    static func rehearse(_ export: OrderExport.Result, merchantShopId: String, codes: OrderExport.Codes = .init()) throws -> ImportReport {
        var report = ImportReport(export)
        let intake = OrderExport.Intake(
            OrderExportTranslation(merchantShopId: merchantShopId, ids: try StableIds(), codes: codes), of: export)
        for row in export.rows {
            if case .toShip = row.disposition, row.recipient.isMissing {
                report.withoutRecipient += 1
                continue
            }
            let outcome = intake.outcome(of: row, known: .unknown) { plain, _ in
                PlacedRecipient(province: plain.address.province, city: plain.address.city, district: plain.address.district)
            }
            report.count(outcome, of: row)
        }
        report.sortProblems()
        return report
    }

    /// Progress is what Kafka has acknowledged, so many rows at a time.
    private static let flushInterval = 500
    private static let flushTimeout = 30.0

    /// Orders for which it matters whether Daifa has them.
    private static func inQuestion(_ rows: [OrderExport.Row]) -> Set<String> {
        Set(rows.lazy.filter(OrderExport.Intake.needsKnowledge).map(OrderExportTranslation.orderId))
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
