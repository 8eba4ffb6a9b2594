import Contracts
import Crypto
import Foundation
import Identity
import JSON
import Labels
import Observability
import ReadModel
import Runtime
import Stores
import Synchronization
import TestSupport
import Texts
import Threads

@testable import Console

/// A label desk between parcels that are known and a waybill service that answers as a test says.
final class LabelScene: CommandTransport, ParcelReading {
    enum Answer: Sendable {
        /// Somebody to open, as `recipient(_:)` makes them.
        case opened
        case contents([UInt8])
        case refused(Refusal)
        case silent
        /// Records that are no answers to this.
        case strange(@Sendable (OpenLabel, LabelScene.Sent) -> LogRecord)
    }

    struct Sent: Sendable {
        var command: OutgoingCommand
        var id: String { command.envelope.id }
    }

    private struct State {
        var parcels: [String: ParcelView] = [:]
        var answers: [String: Answer] = [:]
        var submissions: [[OutgoingCommand]] = []
        var isKafkaAway = false
        var isStoreAway = false
    }

    static let factory = "F1"
    private let state = Mutex(State())
    private let waiters: AnswerWaiters
    private let made = Mutex<LabelDesk?>(nil)

    init() throws {
        waiters = AnswerWaiters { $0() }
        try waiters.start()
    }

    deinit { waiters.stop() }

    /// The desk, started; ends with the test.
    func desk(
        isSigned: Bool = true, missing: [LabelFonts.Missing] = [], patience: Double = 20, most: Int = LabelDesk.mostJobs
    ) throws -> LabelDesk {
        let logger = Logger(label: "console", level: .error)
        let clock: @Sendable () -> Timestamp = { Timestamp(milliseconds: 1_790_000_000_000) }
        let desk = LabelDesk(
            LabelDesk.Tools(
                parcels: self, gateway: self, events: ConsoleEvents(gateway: self, logger: logger, clock: clock), waiters: waiters,
                carrierName: { $0 == "SF" ? "顺丰速运" : $0 }, clock: clock, logger: logger),
            isSigned: isSigned, missing: missing, patience: patience, most: most)
        try desk.start()
        made.withLock { $0 = desk }
        return desk
    }

    /// Ends the desk, which knows the scene and is known by it.
    func end() {
        let desk = made.withLock { made in
            defer { made = nil }
            return made
        }
        desk?.stop()
    }

    // MARK: What is known

    /// A parcel with a number, and what waybill says when it is asked to open it.
    @discardableResult
    func know(
        _ id: String, _ answer: Answer = .opened, factory: String = LabelScene.factory, _ change: (inout ParcelView) -> Void = { _ in }
    ) -> String {
        var view = ParcelView()
        view.orderId = id.lastIndex(of: "/").map { String(id[..<$0]) } ?? id
        view.allocationId = id
        view.factoryShopId = factory
        view.shopAlias = "小店"
        view.lines = [OpenedLine(lineId: "1", name: "杯子", spec: "红色", quantity: 2)]
        view.remark = "快点"
        view.state = .obtained
        view.carrier = "SF"
        view.waybillNumber = Self.number
        change(&view)
        state.withLock { state in
            state.parcels[id] = view
            state.answers[id] = answer
        }
        return id
    }

    static let number = "SF1900000000012"
    static func recipient(_ id: String, name: String = "收件人张三") -> Recipient {
        Recipient(
            name: name, phone: "13711112222",
            address: Address(country: "CN", province: "广东省", city: "深圳市", district: "南山区", detail: "科技园\(id.utf8.count)栋2单元"))
    }

    func kafkaIsAway(_ isAway: Bool = true) { state.withLock { $0.isKafkaAway = isAway } }
    func storeIsAway() { state.withLock { $0.isStoreAway = true } }

    func parcel(_ allocationId: String, factory: String) throws(ReadModelError) -> ParcelView? {
        let (view, isAway) = state.withLock { ($0.parcels[allocationId], $0.isStoreAway) }
        if isAway { throw .store(StoreError(kind: .busy, message: "busy")) }
        return view?.factoryShopId == factory ? view : nil
    }

    // MARK: What is sent

    /// Commands to waybill, by submission.
    var commands: [[OutgoingCommand]] {
        state.withLock { $0.submissions }.map { $0.filter { $0.topic == ServiceName.waybill.commands } }.filter { !$0.isEmpty }
    }

    var opened: [LabelsOpened] {
        state.withLock { $0.submissions }.flatMap { $0 }.filter { $0.envelope.type == LabelsOpened.type }
            .compactMap { try? LabelsOpened.decode($0.body) }
    }

    func submit(_ commands: [OutgoingCommand], _ done: @escaping CommandGateway.Done) {
        let isAway = state.withLock { state in
            state.submissions.append(commands)
            return state.isKafkaAway
        }
        guard !isAway else { return done(false) }
        // Before the desk is told that they are sent: an answer may be that fast.
        let records = commands.compactMap { answer(Sent(command: $0)) }
        if let desk = made.withLock({ $0 }) { waiters.answered(desk.answers.read(records)) }
        done(true)
    }

    private func answer(_ sent: Sent) -> LogRecord? {
        guard let open = try? OpenLabel.decode(sent.command.body), let answer = state.withLock({ $0.answers[open.allocationId] }) else {
            return nil
        }
        switch answer {
        case .silent: return nil
        case .strange(let make): return make(open, sent)
        case .refused(let refusal): return Self.refused(sent.id, refusal)
        case .contents(let plaintext): return Self.opened(open, sent.id, plaintext)
        case .opened:
            let contents = LabelContents(recipient: Self.recipient(open.allocationId), carrier: "SF", waybillNumber: Self.number)
            return Self.opened(open, sent.id, contents.json)
        }
    }

    static func refused(_ commandId: String, _ refusal: Refusal, actor: Actor = Actor(.service, "console")) -> LogRecord {
        let refused = Refused(
            commandId: commandId, commandType: OpenLabel.type, actor: actor, code: refusal.code, message: refusal.message,
            field: refusal.field)
        return record(Refused.type(of: .waybill), cause: commandId, behalf: actor, refused.json)
    }

    /// - Parameters:
    ///   - jobId: nil: the command's.
    ///   - publicKey: in base64; nil: the command's.
    static func opened(
        _ open: OpenLabel, _ commandId: String, _ plaintext: [UInt8], behalf: Actor = Actor(.service, "console"), jobId: String? = nil,
        publicKey: String? = nil
    ) -> LogRecord {
        let key = Base64.decode(Array((publicKey ?? open.publicKey).utf8)) ?? []
        let sealed = try? HPKE.seal(plaintext, to: key, info: Array("daifa/label/v1".utf8), aad: Array(open.allocationId.utf8))
        let event = LabelOpened(
            orderId: open.orderId, allocationId: open.allocationId, merchantShopId: "M1", factoryShopId: open.factoryShopId,
            jobId: jobId ?? open.jobId,
            labelSealed: SealedLabel(
                keyId: open.jobId, enc: Base64.encode(sealed?.enc ?? []), ciphertext: Base64.encode(sealed?.ciphertext ?? [])))
        return record(LabelOpened.type, cause: commandId, behalf: behalf, event.json)
    }

    private static func record(_ type: String, cause: String, behalf: Actor, _ value: [UInt8]) -> LogRecord {
        let headers = [
            (EnvelopeHeader.type, type), (EnvelopeHeader.causationId, cause), (EnvelopeHeader.behalf, "\(behalf)"),
            (EnvelopeHeader.id, "event-of-\(cause)"),
        ]
        return LogRecord(
            topic: ServiceName.waybill.events, partition: 0, offset: 0, time: Timestamp(milliseconds: 0),
            headers: headers.map { LogRecord.Header($0.0, Array($0.1.utf8)) }, value: value)
    }
}

extension LabelDesk {
    static let clerk = Caller(userId: "user-7", actor: "factory:\(LabelScene.factory)", role: .clerk)

    func open(_ request: PrintRequest, of caller: Caller = LabelDesk.clerk) async throws -> Outcome {
        let (stream, continuation) = AsyncStream.makeStream(of: Outcome.self)
        try open(request, of: caller) { outcome in
            continuation.yield(outcome)
            continuation.finish()
        }
        for await outcome in stream { return outcome }
        return .problem(.unavailable)
    }
}

extension LabelDesk.Outcome {
    var refusals: [LabelRefusal] {
        if case .refused(let refusals) = self { refusals } else { [] }
    }
    var file: (bytes: [UInt8], leftOut: [LabelRefusal])? {
        if case .file(let bytes, let leftOut) = self { (bytes, leftOut) } else { nil }
    }
    var items: [PrintItem]? {
        if case .items(let items, _) = self { items } else { nil }
    }
    var problem: Problem? {
        if case .problem(let problem) = self { problem } else { nil }
    }
}

/// A PDF, read back by poppler and zbar.
struct PrintedLabels {
    /// Each page's text without blanks and line breaks.
    let pages: [String]
    /// What the bar codes say, as a label printer's head would print them.
    let codes: [String]

    init(_ bytes: [UInt8]) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(uniqueName("labels"))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("labels.pdf").path
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        pages = try Shell.run("/usr/bin/pdftotext", ["-raw", file, "-"]).split(separator: "\u{C}").map { $0.filter { !$0.isWhitespace } }
        _ = try Shell.run("/usr/bin/pdftoppm", ["-r", "203", "-mono", file, folder.appendingPathComponent("page").path])
        let pictures = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".pbm") }.sorted()
        codes = try Shell.run(
            "/usr/bin/zbarimg",
            ["--nodbus", "--quiet", "--raw", "-Sdisable", "-Scode128.enable"] + pictures.map { folder.appendingPathComponent($0).path }
        ).split(separator: "\n").map(String.init)
    }
}
