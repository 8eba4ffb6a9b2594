public import JSON

/// From a service that calls partners: the partner did not accept its token. Authorization refreshes it ahead of time, once for each
/// version; the service waits for a newer row of `daifa.credentials`.
public struct ReportToken: Message {
    public static let type = "daifa.authorization.report-token.v1"
    public static let contract: Contract<ReportToken> = .command(
        to: .authorization, key: .account(), by: [.service(.waybill), .service(.shipping), .service(.authorization)],
        answers: [Refreshed.self, Expired.self], refusals: [.notFound, .notAuthorized, .tooManyPending],
        "A partner did not accept a token; authorization refreshes it ahead of time.")
    public var authorizationId = ""
    public var service = ServiceName.shipping
    /// Version of the row of `daifa.credentials` that was used.
    public var version = 0

    public init(blank: Blank) {}
    public init(authorizationId: String, service: ServiceName, version: Int) {
        self.authorizationId = authorizationId
        self.service = service
        self.version = version
    }

    public static let fields = Fields<ReportToken>(
        Field("authorizationId", \.authorizationId, .id), Field("service", \.service), Field("version", \.version, 0...Int.max))
    public var subject: String? { authorizationId }
}
