internal import JSON

/// Which shops' messages the platform sends. Source: open-pdd `pmc`; pdd-node-sdk.
extension PinduoduoGateway {
    /// Has the messages of the token's shop sent.
    /// - Parameter topics: empty: all that the application has.
    public func permitMessages(topics: [String] = [], token: String) async throws(PartnerError) {
        let type = "pdd.pmc.user.permit"
        let list: JSONValue = topics.isEmpty ? .null : .string(topics.joined(separator: ","))
        try unlessDenied(type, try await call(type, [("topics", list)], token: token, changes: true)["is_success"])
    }

    /// Messages of the last seven days that wait for this application.
    public func messageBacklog() async throws(PartnerError) -> Int {
        let type = "pdd.pmc.accrue.query"
        guard let number = try await call(type)["number"]?.wireInt else { throw failure(.outcomeOpen, type, "an answer without a number") }
        return number
    }
}
