import Contracts
import Crypto
import Identity
import JSON
import Labels
import Observability
import ReadModel
import Runtime
import Threads

/// Prints labels of a factory's parcels (contract, section 9): has waybill seal what they need for a key that lives as long as the job, opens
/// it in memory, draws it. For the API and the pages.
///
/// Nobody's name, phone or street is written anywhere, and no thread waits for waybill.
final class LabelDesk: Sendable {
    /// Seconds that waybill has.
    static let patience = 30.0
    /// Jobs at a time, those that wait for the drawing thread too; who brings more is told to come again.
    static let mostJobs = 16

    /// What came of a request.
    enum Outcome: Sendable {
        /// The bytes of a PDF or an SVG; what was left out, in the order of the request.
        case file([UInt8], leftOut: [LabelRefusal])
        /// For the platform's print component.
        case items([PrintItem], leftOut: [LabelRefusal])
        /// Nothing was printed: why, in the order of the request.
        case refused([LabelRefusal])
        case problem(Problem)
    }

    /// What the desk works with.
    struct Tools: Sendable {
        var parcels: any ParcelReading
        var gateway: any CommandTransport
        var events: ConsoleEvents
        var waiters: AnswerWaiters
        /// A carrier's name by its code.
        var carrierName: @Sendable (String) -> String
        var clock: @Sendable () -> Timestamp
        var logger: Logger
    }

    /// The records of waybill's events are shown to these.
    let answers: LabelAnswers
    private let tools: Tools
    /// Whether commands are signed: waybill opens for nobody else.
    private let isSigned: Bool
    private let canDraw: Bool
    private let patience: Double
    private let thread = LabelThread()

    /// - Parameters:
    ///   - isSigned: there is a `DAIFA_SERVICE_KEY_FILE`.
    ///   - missing: fonts that this machine has not; without that of common texts no label is drawn.
    init(
        _ tools: Tools, isSigned: Bool, missing: [LabelFonts.Missing], patience: Double = LabelDesk.patience, most: Int = LabelDesk.mostJobs
    ) {
        (self.tools, self.isSigned, self.patience) = (tools, isSigned, patience)
        answers = LabelAnswers(most: most)
        canDraw = !missing.contains(where: \.isNeeded)
        for font in missing {
            let effect = font.isNeeded ? "no label can be printed" : "labels with rare characters are refused"
            tools.logger.warning("a font of labels is missing: \(effect)", ["font": font.family, "package": font.package])
        }
        if !isSigned {
            tools.logger.warning("no label can be printed: waybill believes signed commands alone", ["setting": Self.keySetting])
        }
    }

    private static let keySetting = "DAIFA_SERVICE_KEY_FILE"

    func start() throws(ThreadError) { try thread.start() }
    /// Ends after the jobs that are ready to be drawn.
    func stop() { thread.stop() }

    /// Makes the labels, and tells once, on whatever thread, what came of it.
    /// - Throws: why it is not begun at all.
    func open(
        _ request: PrintRequest, of caller: Caller, traceparent: String? = nil, _ done: @escaping @Sendable (Outcome) -> Void
    ) throws(Problem) {
        guard let factory = Actor(caller.actor), factory.kind == .factory else { throw Problem(.forbidden) }
        guard isSigned else {
            tools.logger.warning("labels were asked for, but commands are not signed", ["setting": Self.keySetting])
            throw .unavailable
        }
        guard canDraw || request.product == .component else { throw .unavailable }
        let (parcels, refusals) = try lookUp(request, factory.id)
        guard refusals.isEmpty || request.isPartial && !parcels.isEmpty else {
            return done(.refused(refusals.sorted { $0.key < $1.key }.map(\.value)))
        }
        let job: LabelJob
        do throws(CryptoError) { job = try LabelJob(request, parcels, refusals) } catch {
            tools.logger.error("a print job has no key", ["reason": "\(error)"])
            throw .unavailable
        }
        guard let place = answers.begin(job.jobId, commands: job.parcels.map(\.commandId)) else { throw .unavailable }
        let now = tools.clock()
        let commands = job.parcels.map { parcel in
            OutgoingCommand(
                type: OpenLabel.type, topic: ServiceName.waybill.commands, key: parcel.view.orderId, body: job.command(for: parcel).json,
                id: parcel.commandId, actor: Actor(.service, ServiceName.console.rawValue), user: caller.userId, at: now,
                traceparent: traceparent)
        }
        tools.gateway.submit(commands) { [self] isSent in
            guard isSent else {
                place.end()
                return done(.problem(.unavailable))
            }
            tell(job, factory, caller)
            tools.waiters.wait(for: job.jobId, until: .after(patience)) { [self] in finish(job, place, done) }
            // All may have been answered before anybody waited.
            if place.isComplete { tools.waiters.answered([job.jobId]) }
        }
    }

    /// The parcels that may be printed, and why the others may not, by their index in the request.
    private func lookUp(
        _ request: PrintRequest, _ factory: String
    ) throws(Problem) -> (parcels: [(index: Int, view: ParcelView)], refusals: [Int: LabelRefusal]) {
        var parcels: [(index: Int, view: ParcelView)] = []
        var refusals: [Int: LabelRefusal] = [:]
        for (index, id) in request.allocationIds.enumerated() {
            let view: ParcelView?
            do throws(ReadModelError) { view = try tools.parcels.parcel(id, factory: factory) } catch { throw Problem(error) }
            if let refusal = Self.refusal(of: view, id, request.product) {
                refusals[index] = refusal
            } else if let view {
                parcels.append((index, view))
            }
        }
        return (parcels, refusals)
    }

    private static func refusal(of parcel: ParcelView?, _ id: String, _ product: PrintRequest.Product) -> LabelRefusal? {
        guard let parcel else { return LabelRefusal(id, .notFound) }
        if parcel.state == .voided { return LabelRefusal(id, .notAllocated) }
        switch (FactoryDropship.isOrder(parcel.orderId), product) {
        case (true, .pdf), (true, .svg): return .platformWaybill(id)
        case (false, .component): return .noPlatformWaybill(id)
        default: return parcel.waybillNumber == nil ? LabelRefusal(id, .waybillNotObtained) : nil
        }
    }

    private func tell(_ job: LabelJob, _ factory: Actor, _ caller: Caller) {
        let opened = LabelsOpened(
            shopId: factory.id, userId: caller.userId, jobId: job.jobId, allocationIds: job.parcels.map(\.view.allocationId))
        tools.events.tell(opened, key: factory.id, actor: factory, user: caller.userId)
    }

    /// All is answered, or the time is over.
    private func finish(_ job: LabelJob, _ place: LabelAnswers.Place, _ done: @escaping @Sendable (Outcome) -> Void) {
        let isTaken = thread.submit { [tools] renderer in
            let outcome = job.print(place.take(), renderer, carrierName: tools.carrierName, tools.logger)
            place.end()
            done(outcome)
        }
        if !isTaken { done(.problem(.unavailable)) }
    }
}

/// Where the desk looks up parcels.
protocol ParcelReading: Sendable {
    /// - Returns: nil for one that is not the factory's.
    func parcel(_ allocationId: String, factory: String) throws(ReadModelError) -> ParcelView?
}

extension SQLiteReadModel: ParcelReading {}
