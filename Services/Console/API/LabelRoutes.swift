import Contracts
import HTTP
import JSON
import Texts
import Web

/// `/labels` and `/print-jobs` (contract, section 9).
struct LabelRoutes: Sendable {
    let labels: LabelDesk
    let desk: CommandDesk
    let texts: Texts

    func add(to group: inout ConsoleGroup) {
        group.on(.post, "/labels", body: .json(), name: "print-labels") { (call) throws(Problem) in try send(call, PrintRequest.labels) }
        group.on(.post, "/print-jobs", body: .json(), name: "print-with-component") { (call) throws(Problem) in
            try send(call, PrintRequest.component)
        }
    }

    private func send(_ call: ConsoleCall, _ read: ([UInt8]) throws(Problem) -> PrintRequest) throws(Problem) -> RouteAnswer {
        let caller = try call.caller(.factory)
        try call.expectNoQuery()
        let request = try read(call.request.body)
        // A job that is asked for again is made anew: nobody has kept its labels. The key only tells that it is the same one.
        _ = try desk.claim(try call.idempotencyKey(caller))
        let (later, wording) = (LaterAnswer(), texts[call.context.language])
        try labels.open(request, of: caller, traceparent: call.request.traceparent) { outcome in
            later.send(.printed(outcome, request, wording))
        }
        return .later(later)
    }
}

extension HTTPResponse {
    /// What came of a print job. `X-Daifa-Left-Out` where parts may be left out.
    static func printed(_ outcome: LabelDesk.Outcome, _ request: PrintRequest, _ wording: Wording) -> HTTPResponse {
        switch outcome {
        case .file(let bytes, let leftOut):
            var response = request.product == .svg ? svg(bytes) : pdf(bytes)
            if request.isPartial { response.headers.append((leftOutHeader, "\(leftOut.count)")) }
            return response
        case .items(let items, let leftOut):
            var response = json(JSONValue.object([("items", .array(items.map(\.document)))]).json)
            if request.isPartial { response.headers.append((leftOutHeader, "\(leftOut.count)")) }
            return response
        case .refused(let refusals): return Problem(labels: refusals, wording).response(wording.language, wording)
        case .problem(let problem): return problem.response(wording.language, wording)
        }
    }

    private static let leftOutHeader = "X-Daifa-Left-Out"

    /// Chrome shows a PDF by a page of its own, with styles in it and the file as an object, under the policy of the answer: none of these is
    /// forbidden. A PDF runs no script in the page's name.
    private static func pdf(_ bytes: [UInt8]) -> HTTPResponse {
        HTTPResponse(
            headers: SafeHeaders.under("base-uri 'none'; form-action 'none'; frame-ancestors 'none'") + [
                ("Content-Type", "application/pdf"), ("Content-Disposition", #"inline; filename="labels.pdf""#),
            ], body: bytes)
    }

    /// cairo writes styles as attributes.
    private static func svg(_ bytes: [UInt8]) -> HTTPResponse {
        HTTPResponse(
            headers: SafeHeaders.under(
                "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
                + [("Content-Type", "image/svg+xml"), ("Content-Disposition", #"inline; filename="label.svg""#)], body: bytes)
    }
}

extension PrintItem {
    fileprivate var document: JSONValue {
        .object([
            ("allocationId", .string(allocationId)), ("component", .string(component)), ("documentId", .string(documentId)),
            ("content", .string(content)),
        ])
    }
}
