import Contracts
import Identity
import JSON
import ReadModel
import Runtime
import Synchronization
import Texts
import Web

/// What came of one number that was scanned.
struct ScanResult: Sendable {
    var number: String
    var isGood: Bool
    /// Sentences for a person.
    var texts: [String]
    var allocationIds: [String] = []
    /// The number is none of the known forms: it is taken once a person has looked at it.
    var asksUnusual = false
}

/// Returns the number of every parcel that bears it, and tells once what came of all.
struct ScanReturn: Sendable {
    /// Seconds that a scan waits for an answer.
    private static let wait = 5

    let desk: CommandDesk
    let frame: PageFrame
    /// Of the form: the same number of the same form is the same command, however often it is sent.
    let key: String
    let isUnusual: Bool

    /// Results that are gathered, in any order.
    private final class Gathered: Sendable {
        let left: Mutex<(count: Int, problems: [Problem], isPending: Bool)>
        init(_ count: Int) { left = Mutex((count, [], false)) }
    }

    func run(_ scanned: ScannedNumber, traceparent: String?, _ done: @escaping @Sendable (ScanResult) -> Void) {
        let parcels = scanned.returnable
        guard !parcels.isEmpty else { return done(unreturnable(scanned)) }
        guard let caller = frame.caller, let name = CommandName(service: "waybill", command: "return") else {
            return done(result(scanned, [Problem(.forbidden)], isPending: false))
        }
        let gathered = Gathered(parcels.count)
        let finish: @Sendable (Problem?, Bool) -> Void = { problem, isPending in
            let all = gathered.left.withLock { state -> ([Problem], Bool)? in
                state.count -= 1
                if let problem { state.problems.append(problem) }
                if isPending { state.isPending = true }
                return state.count == 0 ? (state.problems, state.isPending) : nil
            }
            if let (problems, isPending) = all { done(result(scanned, problems, isPending: isPending)) }
        }
        for parcel in parcels {
            let body = ParcelCommand.returning(
                parcel, carrier: parcel.carrier ?? "", number: parcel.waybillNumber ?? scanned.number, further: scanned.further(parcel),
                isUnusual: isUnusual
            ).json
            let named = NamedId.make("scan", key, scanned.number, parcel.allocationId, isUnusual ? "unusual" : "")
            let request = CommandDesk.Request(
                name: name, body: body, caller: caller,
                idempotencyKey: PageCommands.idempotency(caller, named, "waybill/return", body), traceparent: traceparent)
            do throws(Problem) {
                try desk.send(request, waiting: Self.wait) { outcome in
                    switch outcome {
                    case .problem(let problem): finish(problem, false)
                    case .known(let sent): finish(sent.refusal.map { Problem($0, of: sent.commandId) }, sent.state == .pending)
                    }
                }
            } catch { finish(error, false) }
        }
    }

    private func result(_ scanned: ScannedNumber, _ problems: [Problem], isPending: Bool) -> ScanResult {
        let say = frame.say
        let ids = scanned.returnable.map(\.allocationId)
        guard !problems.isEmpty else {
            return ScanResult(
                number: scanned.number, isGood: true, texts: [say(isPending ? "form.noAnswer" : "scan.ok", ["number": scanned.number])],
                allocationIds: ids)
        }
        let asksUnusual = problems.contains { $0.details?["unusual"] == .bool(true) }
        var texts: [String] = asksUnusual ? [say("return.unusual", ["number": scanned.number])] : []
        for problem in problems where problem.details?["unusual"] != .bool(true) {
            let text = FormErrors(problem, frame).entries.first?.text ?? problem.code
            if !texts.contains(text) { texts.append(text) }
        }
        return ScanResult(number: scanned.number, isGood: false, texts: texts, allocationIds: ids, asksUnusual: asksUnusual)
    }

    /// Returned already is no mistake: whoever scans twice has done nothing wrong.
    private func unreturnable(_ scanned: ScannedNumber) -> ScanResult {
        let say = frame.say
        guard let parcel = scanned.parcels.first(where: { $0.state == .voided }) ?? scanned.parcels.first else {
            return ScanResult(number: scanned.number, isGood: false, texts: [say("return.notFound")])
        }
        let ids = scanned.parcels.map(\.allocationId)
        if parcel.state == .voided {
            return ScanResult(
                number: scanned.number, isGood: false, texts: [say("state.stage.\(parcel.stage?.rawValue ?? "printed")")],
                allocationIds: ids)
        }
        return ScanResult(
            number: scanned.number, isGood: true, texts: [say("state.parcel.\(parcel.state.rawValue)")], allocationIds: ids)
    }
}
