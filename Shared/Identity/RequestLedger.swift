public import Threads

/// Where the console keeps what it was asked to do: idempotency keys, commands, batches, imports.
///
/// Each call is one transaction, blocks, and throws `unavailable` besides what it says. Lists are newest first, by when a thing was recorded.
public protocol RequestLedger: Sendable {
    // MARK: Idempotency keys

    /// Claims a key for a request. Kept 7 days.
    /// - Parameter id: of the command, batch, import or job that the request becomes when the key is new.
    /// - Returns: `new`, or the id that an equal request was given: do the same again under it, or answer what it was answered.
    /// - Throws: `keyReused` when the path or the digest is another one.
    func claim(_ key: IdempotencyKey, for id: String, now: Timestamp) throws(PeopleError) -> KeyClaim

    // MARK: Commands

    /// Before the command is sent, so that no answer finds nothing. A command that is recorded already stays as it is.
    func record(_ command: SentCommand) throws(PeopleError)
    /// Takes answers to commands, alone or of batches; an answer that came before changes nothing.
    /// - Returns: ids of the commands and of the batches that have changed.
    @discardableResult
    func settle(_ answers: [CommandAnswer]) throws(PeopleError) -> SettledIds
    /// - Returns: nil when the actor has sent no such command in 7 days.
    func command(_ commandId: String, of actor: String) throws(PeopleError) -> SentCommand?
    func commands(of actor: String, in state: CommandState?, _ range: PageRange) throws(PeopleError) -> Page<SentCommand>

    /// The actors of commands that have no answer yet, alone or of batches, by the commands' ids: for a process that begins.
    func pendingCommands() throws(PeopleError) -> [String: String]

    // MARK: Batches

    /// Before any of it is sent. Counts follow from the items' states. A batch that is recorded already stays as it is.
    func record(_ batch: Batch, items: [BatchItem]) throws(PeopleError)
    func batch(_ batchId: String, of actor: String) throws(PeopleError) -> Batch?
    func batches(of actor: String, _ range: PageRange) throws(PeopleError) -> Page<Batch>
    /// By index, those in this state; nil: all.
    func items(of batchId: String, in state: CommandState?) throws(PeopleError) -> [BatchItem]

    // MARK: Parcels to stop

    /// Somebody of the actor's has seen that these parcels must be stopped.
    /// - Parameter stops: the time of each, by the allocation's id; a later one wants to be seen anew.
    func see(stops: [String: Timestamp], of actor: String, by user: String, now: Timestamp) throws(PeopleError)
    /// The times that were seen, by the allocation's id. Kept 400 days.
    func seenStops(of actor: String) throws(PeopleError) -> [String: Timestamp]

    // MARK: Imports

    func record(_ file: ImportRecord) throws(PeopleError)
    /// How far it is, with the rows that were found bad since the last call.
    /// - Parameter counts: a JSON object.
    func update(importId: String, state: ImportState, counts: [UInt8], badRows: [BadRow]) throws(PeopleError)
    /// Those that a process has left running become `failed`: at its start.
    func failRunningImports() throws(PeopleError)
    func importRecord(_ importId: String, of merchant: String) throws(PeopleError) -> ImportRecord?
    func imports(of merchant: String, _ range: PageRange) throws(PeopleError) -> Page<ImportRecord>
    /// In the order in which they were found, from the position `from` (0 is the first) on.
    func badRows(of importId: String, from position: Int, limit: Int) throws(PeopleError) -> [BadRow]

    // MARK: Time

    /// Forgets keys and commands that are older than 7 days, and accepted items of such batches; batches, their counts and refusals stay.
    func pruneRequests(now: Timestamp) throws(PeopleError)
}

/// Seven days.
enum LedgerRetention {
    static let seconds = 7 * 86_400
}
