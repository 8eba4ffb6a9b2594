import CommandLine
import Contracts
import Crypto
import Kafka
import OrderImports
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
        let sealer = RecipientSealer(
            merchantShopId: merchantShopId, key: try RecipientKey.wait(kafka, timeout: keyWait), secret: mergeSecret)
        var orders = try OrderImport(export, merchantShopId: merchantShopId, codes: codes, repetition: .placesAgain)
        var reading = ProgressBar("Known orders")
        let known = try KnownOrders.read(kafka, among: orders.inQuestion, bar: &reading)
        if reading.total > 0 { reading.finish() }

        let producer = try Producer(kafka)
        defer { producer.close() }
        var bar = ProgressBar("Import", total: export.rows.count)
        var sent = 0
        while let facts = try orders.next(Self.rowsAtOnce, known: { known[$0] }, sealer: sealer) {
            for fact in facts {
                try producer.send(
                    topic: Topics.orders, key: Array(fact.orderId.utf8), value: fact.body,
                    headers: proof.added(to: headers(of: fact), topic: Topics.orders, key: fact.orderId, body: fact.body))
            }
            try producer.flush(timeout: Self.flushTimeout)
            sent += facts.count
            bar.move(to: export.rows.count - orders.left, of: export.rows.count)
        }
        bar.finish()
        var report = orders.report
        report.factsSent = sent
        return report
    }

    /// Tells what `run` would do, without Kafka.
    static func rehearse(_ export: OrderExport.Result, merchantShopId: String, codes: OrderExport.Codes = .init()) throws -> ImportReport {
        var orders = try OrderImport(export, merchantShopId: merchantShopId, codes: codes, repetition: .placesAgain)
        orders.rehearse()
        return orders.report
    }

    /// Progress is what Kafka has acknowledged, so many rows at a time.
    private static let rowsAtOnce = 500
    private static let flushTimeout = 30.0

    private func headers(of fact: OrderFact) -> [Header] {
        OutgoingEnvelope(
            id: fact.id, type: fact.type, source: "/daifa/cli", subject: fact.orderId, time: fact.time,
            actor: Actor(.merchant, merchantShopId)
        ).headers
    }
}

extension Header {
    init(_ name: String, _ value: String) { self.init(name: name, value: Array(value.utf8)) }
}

extension MergeSecret {
    /// Reads the file, and makes it and its folder when there is none.
    /// - Throws: `CommandFailure` 78 when the file cannot be made or read, or holds something else.
    static func loadOrCreate(path: String) throws -> MergeSecret {
        if let folder = Path.parent(path) { try Path.makeFolder(folder) }
        do throws(CryptoError) { return try MergeSecret(file: path) } catch {
            throw CommandFailure(.configuration, "\(error): name another file with --merge-secret")
        }
    }
}
