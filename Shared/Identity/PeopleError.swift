public import JSON

/// Why something about people was not done. Texts for persons are made elsewhere, from the case, the field and the reason.
public enum PeopleError: Error, Sendable, Equatable {
    /// A field is wrong: 400 `invalid`.
    case invalid(field: String, Reason)
    /// Wrong user or wrong password, which of them nobody is told: 401.
    case wrongCredentials
    /// The provider's log-in failed, or what it says is not to be trusted: 401. The text is for the log, and names no secret.
    case provider(String)
    /// No session, or one that has ended: 401.
    case noSession
    /// 403 `forbidden`.
    case forbidden(Ban)
    /// A user, session, code, batch or import that is unknown to the caller: 404.
    case notFound
    /// 409 `role-already-chosen`.
    case roleAlreadyChosen
    /// 409 `last-owner`.
    case lastOwner
    /// The idempotency key came before with another path or other JSON: 409 `key-reused`.
    case keyReused
    /// 429 `too-many`, with the seconds after which to try again.
    case tooMany(retryAfter: Int)
    /// The store or the provider cannot be reached: 503 `unavailable`. The text is for the log.
    case unavailable(String)

    /// What is wrong with a field.
    public enum Reason: Sendable, Equatable {
        case missing
        /// Fewer characters than this.
        case tooShort(Int)
        /// More characters than this.
        case tooLong(Int)
        /// Blanks, controls or other characters that nobody sees.
        case invisible
        /// Somebody else has it.
        case taken
        /// It is none of those that there are.
        case unknown
        /// It is not the present one.
        case wrong
    }

    /// Why somebody may not.
    public enum Ban: String, JSONEnumeration {
        /// Only an owner of the actor.
        case ownerOnly = "owner-only"
        /// `DAIFA_SIGNUP` is closed.
        case signUpClosed = "sign-up-closed"
        /// The user acts for others too, whose owner may not be overruled.
        case actsForOthers = "acts-for-others"
        /// The user logs in with a provider, which has the password and gives the memberships.
        case ofProvider = "of-provider"
    }
}
