import Contracts
import JSON

/// The `sub` of a token's claims, as its sender reads it: services check the token, this does not.
struct TokenSubject: DefaultInitializable, Equatable {
    private var sub: String?
    static let fields = Fields<TokenSubject>(Field("sub", \.sub))

    /// nil: the claims name no actor.
    static func read(_ claims: [UInt8]) -> Actor? { (try? TokenSubject.decode(claims))?.sub.flatMap { Actor($0) } }
}
