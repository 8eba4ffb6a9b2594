import Contracts
import Crypto
import HTTP
import JSON
import Partners
import ReadModel
import Runtime
import Texts
import Threads

/// `POST /partners/jd-fulfillment/status`: JD reports how far an outbound or inbound order is (contract, section 8; names of headers and
/// fields are ours, JD's own are not public).
struct StatusPush: PartnerRequest {
    static let route = "status"
    static let provider = Provider.jdFulfillment
    /// Milliseconds that a timestamp may be off.
    private static let tolerance = 300_000

    enum OrderType: String, JSONEnumeration {
        case outbound = "XSCK"
        case inbound = "CGRK"

        var kind: PartnerNumberKind { self == .outbound ? .outbound : .inbound }
    }

    let language = Language.en
    private let appKey: String
    private let timestamp: String
    private let signature: [UInt8]
    private let body: [UInt8]
    private let traceparent: String?

    /// - Throws: 401 with the header that is missing or wrong.
    init(_ request: HTTPRequest, now: Timestamp) throws(Problem) {
        guard let appKey = request.header("x-jd-app-key"), !appKey.isEmpty else { throw Self.unauthorized("x-jd-app-key", "is missing") }
        guard let timestamp = request.header("x-jd-timestamp"), let time = Int(timestamp) else {
            throw Self.unauthorized("x-jd-timestamp", "must be there, in milliseconds since 1970")
        }
        guard time > now.milliseconds - Self.tolerance, time < now.milliseconds + Self.tolerance else {
            throw Self.unauthorized("x-jd-timestamp", "is more than 5 minutes off")
        }
        guard let signature = request.header("x-jd-signature").flatMap({ Base64.decode($0) }) else {
            throw Self.unauthorized("x-jd-signature", "must be there, in base64")
        }
        self.appKey = appKey
        self.timestamp = timestamp
        self.signature = signature
        body = request.body
        traceparent = request.traceparent
    }

    func command(_ lookup: any PartnerLookup) throws(Problem) -> OutgoingCommand {
        let applications = lookup.authorizations(of: Self.provider, appKey: appKey)
        guard !applications.isEmpty else { throw Self.unauthorized("x-jd-app-key", "is not known", restsOnModel: true) }
        let signed = Array(timestamp.utf8) + body
        let signers = applications.filter { secret, _ in isSigned(signed, by: secret) }
        guard !signers.isEmpty else { throw Self.unauthorized("x-jd-signature", "is wrong", restsOnModel: true) }
        let report = try report()
        let known: PartnerNumberRow?
        do throws(ReadModelError) { known = try lookup.number(report.orderType.kind, report.orderNo) } catch { throw .unavailable }
        guard let number = known, let warehouse = lookup.warehouse(number.warehouseId),
            signers.values.contains(where: { $0.contains(warehouse.authorizationId) })
        else {
            throw Problem(
                404, RefusalCode.notFound.rawValue, "no such order is known for this app key (yet): send it again later", field: "orderNo",
                restsOnModel: true)
        }
        return OutgoingCommand(
            report.status(number), to: .shipping, key: number.key,
            id: NamedId.make(ReportStatus.type, Self.provider.rawValue, appKey, report.messageId), from: Self.provider,
            at: lookup.now, traceparent: traceparent)
    }

    var accepted: HTTPResponse {
        HTTPResponse(status: 200, headers: SafeHeaders.all + [("Content-Type", "application/json")], body: Array(#"{"code":"0"}"#.utf8))
    }

    private func isSigned(_ message: [UInt8], by secret: String) -> Bool {
        !secret.isEmpty && Digest.areEqual(Digest.hmacSHA256(message, key: Array(secret.utf8)), signature)
    }

    private func report() throws(Problem) -> StatusReport {
        do throws(JSONError) {
            let report = try StatusReport.decode(body)
            try report.check()
            return report
        } catch {
            guard !error.isSyntax else { throw Problem(400, RefusalCode.invalid.rawValue, "the body is \(error)") }
            let field = error.path.isEmpty ? nil : error.path
            throw Problem(400, RefusalCode.invalid.rawValue, "\(error)", field: field)
        }
    }

    private static func unauthorized(_ header: String, _ what: String, restsOnModel: Bool = false) -> Problem {
        Problem(401, RefusalCode.unauthorized.rawValue, "the header \(header) \(what)", field: header, restsOnModel: restsOnModel)
    }
}
