import Contracts
public import Threads

/// The tokens that a partner gives for a consent code or a refresh token.
public struct TokenGrant: Sendable, Equatable {
    public var accessToken: String
    /// nil: this grant cannot be refreshed.
    public var refreshToken: String?
    public var expiresAt: Timestamp
    /// nil: not known.
    public var refreshExpiresAt: Timestamp?
    /// The partner's id of who consented: JD's `uid` or `open_id`, Pinduoduo's mall.
    public var ownerId: String?
    public var ownerName: String?
    /// Whether statuses are pushed; nil when the partner does not say.
    public var messageSubscription: Bool?
    public var scope: [String]

    public init(
        accessToken: String, refreshToken: String? = nil, expiresAt: Timestamp, refreshExpiresAt: Timestamp? = nil,
        ownerId: String? = nil, ownerName: String? = nil, messageSubscription: Bool? = nil, scope: [String] = []
    ) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.expiresAt = expiresAt
        self.refreshExpiresAt = refreshExpiresAt
        self.ownerId = ownerId
        self.ownerName = ownerName
        self.messageSubscription = messageSubscription
        self.scope = scope
    }
}

/// A printed grant shows no tokens.
extension TokenGrant: CustomStringConvertible, CustomReflectable {
    public var description: String { "TokenGrant(expiresAt: \(expiresAt), refreshable: \(refreshToken != nil))" }
    public var customMirror: Mirror { Mirror(self, children: ["expiresAt": expiresAt, "scope": scope]) }
}
