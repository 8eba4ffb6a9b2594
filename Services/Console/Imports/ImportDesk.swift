import Contracts
import Crypto
import Identity
import JSON
import Observability
import OrderImports
import Partners
import ReadModel
import Runtime
import Synchronization
import Threads
import Web

/// Takes order exports in (contract, section 9: `/imports`): one is read at a time, and one is carried in. For the API and the pages.
///
/// A file is in memory only while it is read; what it says is there until it is sent, and nobody keeps it.
final class ImportDesk: Sendable {
    /// What an import needs of the rest of the console.
    struct Surroundings: Sendable {
        var ledger: any RequestLedger
        var model: any ReadModel
        /// Waybill's public key; nil: it has announced none yet.
        var recipientKey: @Sendable () -> RecipientKey?
        var mergeSecret: MergeSecret
        /// Writes facts to Kafka; false when it has not all of them in time. Blocks.
        var send: @Sendable ([OutgoingCommand]) -> Bool
        /// Waits, for seconds at most, until the model holds what the topics held when it was called.
        var settle: @Sendable (_ timeout: Double) -> Bool
        var logger: Logger
        var clock: @Sendable () -> Timestamp
        /// Seconds for which facts are sent again while Kafka does not take them.
        var patience = 60.0
        /// Seconds that allocation has to register the orders before an import is done all the same.
        var registering = 10.0
    }

    /// A file to be taken in.
    struct Order: Sendable {
        var file: [UInt8]
        /// The merchant's shop id.
        var merchant: String
        var caller: Caller
        /// Repeating it under the same key is the same request.
        var idempotencyKey: IdempotencyKey?
    }

    typealias Done = @Sendable (Result<String, Problem>) -> Void

    /// Imports that wait while one is read or carried in.
    static let mostWaiting = 2

    private let surroundings: Surroundings
    private let readers: WorkerPool
    private let carriers: WorkerPool
    private let present = Mutex(0)
    private let isStopped = Monitor(false)
    private let recent = RecentOrders()

    init(_ surroundings: Surroundings) throws(ThreadError) {
        self.surroundings = surroundings
        readers = try WorkerPool("import-files", threads: 1, waiting: Self.mostWaiting)
        carriers = try WorkerPool("imports", threads: 1, waiting: Self.mostWaiting)
    }

    /// Lets the import that runs end where it is: what it has not sent is sent when its file is imported again.
    func stop() {
        isStopped.update { $0 = true }
        readers.stop()
        carriers.stop()
    }

    /// Reads a file and carries it in; tells, once, on whatever thread, the import's id or why it is none.
    /// - Throws: 503 when too many wait.
    func take(_ order: Order, _ done: @escaping Done) throws(Problem) {
        let id = try claim(order.idempotencyKey)
        let isRoom = present.withLock { present in
            guard present <= Self.mostWaiting else { return false }
            present += 1
            return true
        }
        guard isRoom, readers.submit({ [self] in read(order, id, done) }) else {
            if isRoom { leave() }
            throw .unavailable
        }
    }

    private func leave() { present.withLock { $0 -= 1 } }

    private func claim(_ key: IdempotencyKey?) throws(Problem) -> String {
        let id = RandomUUID.v4()
        guard let key else { return id }
        switch try kept({ (ledger) throws(PeopleError) in try ledger.claim(key, for: id, now: surroundings.clock()) }) {
        case .new: return id
        case .known(let first): return first
        }
    }

    private func kept<Result>(_ body: (any RequestLedger) throws(PeopleError) -> Result) throws(Problem) -> Result {
        do throws(PeopleError) { return try body(surroundings.ledger) } catch { throw Problem(error) }
    }

    // MARK: Reading

    private func read(_ order: Order, _ id: String, _ done: @escaping Done) {
        let read: ReadImport?
        do throws(Problem) { read = try begun(order, id) } catch {
            leave()
            return done(.failure(error))
        }
        guard let read else {
            // It was begun before, under the same key.
            leave()
            return done(.success(id))
        }
        guard carriers.submit({ [self] in carry(read) }) else {
            fail(id, read.counts, "\(ImportRun.Failure.stopped)")
            leave()
            return done(.failure(.unavailable))
        }
        done(.success(id))
    }

    private func begun(_ order: Order, _ id: String) throws(Problem) -> ReadImport? {
        let known = try kept { (ledger) throws(PeopleError) in try ledger.importRecord(id, of: order.merchant) }
        guard known == nil else { return nil }
        guard let key = surroundings.recipientKey() else { throw .unavailable }
        let export: OrderExport.Result
        do throws(OrderExport.Failure) { export = try OrderExportFile.read(order.file) } catch {
            throw .invalid("file", "\(error)")
        }
        let read = ReadImport(
            id: id, merchant: order.merchant, user: order.caller.userId, export: export,
            sealer: RecipientSealer(merchantShopId: order.merchant, key: key, secret: surroundings.mergeSecret))
        let record = ImportRecord(
            importId: id, merchant: order.merchant, user: order.caller.name, at: surroundings.clock(), counts: read.counts)
        try kept { (ledger) throws(PeopleError) in try ledger.record(record) }
        return read
    }

    // MARK: Carrying in

    private func carry(_ read: ReadImport) {
        defer { leave() }
        do throws(CryptoError) {
            var run = try ImportRun(read)
            do { try run.carryIn(surroundings, recent, isStopped) } catch { fail(read.id, run.toldCounts, "\(error)") }
        } catch { fail(read.id, read.counts, "\(error)") }
    }

    private func fail(_ id: String, _ counts: [UInt8], _ reason: String) {
        surroundings.logger.warning("an import has ended before its end", ["importId": id, "reason": reason])
        do { try surroundings.ledger.update(importId: id, state: .failed, counts: counts, badRows: []) } catch {
            surroundings.logger.warning("that an import has failed is not kept", ["importId": id, "reason": "\(error)"])
        }
    }
}

extension CommandGateway {
    /// Sends and waits for the end; not from the gateway's thread.
    /// - Returns: whether Kafka has all.
    func deliver(_ messages: [OutgoingCommand]) -> Bool {
        let answer = Monitor<Bool?>(nil)
        submit(messages) { isSent in answer.update { $0 = isSent } }
        return answer.wait { $0 } ?? false
    }
}
