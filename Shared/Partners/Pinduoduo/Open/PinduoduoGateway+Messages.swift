public import Contracts
internal import JSON

/// Which shops' messages the platform sends. Source: open-pdd `pmc`; pdd-node-sdk.
extension PinduoduoGateway {
    /// Has the messages of the token's shop sent.
    /// - Parameter topics: empty: all that the application has.
    public func permitMessages(topics: [String] = [], token: String) async throws(PartnerError) {
        let type = "pdd.pmc.user.permit"
        let list: JSONValue = topics.isEmpty ? .null : .string(topics.joined(separator: ","))
        try confirm(type, try await call(type, [("topics", list)], token: token, changes: true)["is_success"])
    }

    /// nil: no messages of that shop are sent.
    public func messageUser(ownerId: String) async throws(PartnerError) -> PinduoduoMessageUser? {
        try await call("pdd.pmc.user.get", [("owner_id", .string(ownerId))])["pmc_user"].flatMap { PinduoduoMessageUser($0) }
    }

    public func cancelMessages(ownerId: String) async throws(PartnerError) {
        let type = "pdd.pmc.user.cancel"
        try confirm(type, try await call(type, [("owner_id", .string(ownerId))], changes: true)["is_success"])
    }

    /// Messages of the last seven days that wait for this application.
    public func messageBacklog() async throws(PartnerError) -> Int {
        let type = "pdd.pmc.accrue.query"
        guard let number = try await call(type)["number"]?.wireInt else { throw failure(.outcomeOpen, type, "an answer without a number") }
        return number
    }
}

/// A shop whose messages are sent.
public struct PinduoduoMessageUser: Sendable, Equatable {
    public var createdAt: Timestamp?
    public var modifiedAt: Timestamp?
    /// False once its consent has ended.
    public var isValid: Bool
    /// Empty: all that the application has.
    public var topics: [String]

    init?(_ user: JSONValue) {
        guard case .object = user else { return nil }
        createdAt = user["created"]?.pinduoduoTime
        modifiedAt = user["modified"]?.pinduoduoTime
        isValid = user["is_expire"]?.wireInt ?? 0 == 0
        topics = user["topics"]?.wireList.compactMap(\.wireText) ?? []
    }
}
