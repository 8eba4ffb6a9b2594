public import Contracts

/// A row of `daifa.credentials`, opened: what a service calls a partner with.
public struct LoadedCredential: Sendable {
    public let authorizationId: String
    /// The service that it is sealed for.
    public let service: ServiceName
    public let provider: String
    /// Key of authorization's commands about it.
    public let account: String
    public let version: Int
    public let credential: Credential

    public init(
        authorizationId: String, service: ServiceName, provider: String, account: String, version: Int, credential: Credential
    ) {
        self.authorizationId = authorizationId
        self.service = service
        self.provider = provider
        self.account = account
        self.version = version
        self.credential = credential
    }
}
