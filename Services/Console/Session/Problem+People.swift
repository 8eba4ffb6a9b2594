import Contracts
import Identity
import JSON

extension Problem {
    /// - Parameter error: whose sentence goes to the log only where the store is away.
    init(_ error: PeopleError) {
        switch error {
        case .invalid(let field, let reason): self = .invalid(field, Self.text(reason))
        case .wrongCredentials, .noSession, .provider: self.init(RefusalCode.unauthorized)
        case .forbidden(let ban):
            self.init(RefusalCode.forbidden)
            details = ["reason": .string(ban.rawValue)]
        // Named in full: PeopleError has a case of the same name, and this initialiser would call itself.
        case .notFound: self.init(RefusalCode.notFound)
        case .roleAlreadyChosen: self.init(RefusalCode.roleAlreadyChosen)
        case .lastOwner: self.init(HTTPCode.lastOwner)
        case .keyReused: self.init(HTTPCode.keyReused)
        case .tooMany(let seconds):
            self.init(HTTPCode.tooMany)
            retryAfter = seconds
        case .unavailable: self = .unavailable
        }
    }

    private static func text(_ reason: PeopleError.Reason) -> String {
        switch reason {
        case .missing: "it is missing: give it"
        case .tooShort(let least): "it is too short: at least \(least) characters"
        case .tooLong(let most): "it is too long: at most \(most) characters"
        case .invisible: "it holds characters that nobody sees, or nothing but such: leave them out"
        case .taken: "somebody else has it: choose another one"
        case .unknown: "it is none of those that there are"
        case .wrong: "it is not right"
        }
    }
}
