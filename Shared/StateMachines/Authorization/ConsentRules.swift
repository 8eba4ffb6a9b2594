import Contracts
import Machines
import Threads

/// The content of a `complete`, read from either of its two forms.
struct ConsentAnswer {
    let state: String
    /// nil: the partner gave an error.
    let code: String?
    /// The page that the browser was sent to; nil when code and state were given.
    let page: String?
    /// Whether pushed messages are subscribed to; nil: nobody says.
    let statement: Bool?
    /// Whether it is the partner who says so.
    let isPartners: Bool

    /// - Throws: `invalid`.
    init(_ command: Complete, _ actor: Actor) throws(Refusal) {
        var report: Bool?
        if let text = command.redirectUrl {
            guard command.code == nil, command.state == nil else {
                throw Refusal(.invalid, "give redirectUrl, or code and state, not both", field: command.code == nil ? "state" : "code")
            }
            let url = try RedirectURL(text)
            (state, code, page) = (url.state, url.error == nil ? url.code : nil, url.page)
            report = url.messageSubscription
        } else {
            guard let code = command.code else {
                throw Refusal(
                    .invalid, "is missing; give redirectUrl, or code and state", field: command.state == nil ? "redirectUrl" : "code")
            }
            guard let state = command.state else {
                throw Refusal(.invalid, "is missing; give redirectUrl, or code and state", field: "state")
            }
            (self.state, self.code, page) = (state, code, nil)
        }
        // The partner's own report in the address goes before the user's statement.
        statement = report ?? command.messageSubscription
        isPartners = report != nil || actor.kind == .partner
    }
}

/// Rules for asking for a consent, and coming back from it, that accounts and channels share.
enum ConsentRules {
    /// Where the partner sends the browser unless `begin` says otherwise; ours.
    static func callback(_ provider: Provider, _ settings: Settings) -> String {
        "\(settings.publicURL)/partners/\(provider.rawValue)/callback"
    }

    static func consent(_ account: String, _ authorizationId: String, redirectUri: String?, after life: TokenLife, _ context: Context)
        -> Consent
    {
        var consent = Consent()
        // The id of the command is the sender's own choice; with what he cannot choose freely it names one consent.
        consent.state = context.secrets.token(
            for: "consent\n\(account)\n\(authorizationId)\n\(context.actor)\n\(context.origin.id)\n\(life.over.last ?? "")")
        consent.expiresAt = Timestamp(milliseconds: context.now.milliseconds + context.settings.consentTTL * 1000)
        consent.redirectUri = redirectUri
        return consent
    }

    /// - Throws: `invalid`, field `redirectUri`.
    static func check(redirectUri: String?) throws(Refusal) {
        guard let redirectUri, WebAddress.normalized(redirectUri) == nil else { return }
        throw Refusal(.invalid, "expected the address of a web page, https://… without query and fragment", field: "redirectUri")
    }

    static func noRefreshToken(_ expiresAt: Timestamp) -> Refusal {
        Refusal(
            .notAuthorized, "the partner gave no refresh token with this one, which is good until \(expiresAt); begin again for another")
    }

    /// Whether the answer belongs to the consent under way and may be exchanged; its code.
    /// - Throws: `consent-state-mismatch`, `consent-used`, `consent-expired`, `consent-denied`.
    static func check(_ answer: ConsentAnswer, _ life: TokenLife, _ provider: Provider, _ context: Context) throws(Refusal) -> String {
        guard !life.over.contains(answer.state) else {
            throw Refusal(.consentUsed, "this consent is finished, or a later begin took its place; begin again")
        }
        if let page = answer.page {
            let pages = [callback(provider, context.settings), life.consent?.redirectUri].compactMap { $0.flatMap(WebAddress.normalized) }
            guard pages.contains(page) else {
                throw Refusal(
                    .consentStateMismatch, "redirectUrl is not an address that \(provider.rawValue) was told to send the browser to")
            }
        }
        guard let consent = life.consent, consent.state == answer.state else {
            throw Refusal(.consentStateMismatch, "no consent of this authorization has this state; begin again")
        }
        guard consent.completing == nil else {
            throw Refusal(.consentUsed, "this consent is being completed already; wait for granted or consent-failed")
        }
        guard context.now < consent.expiresAt || !context.isClockSteady else {
            throw Refusal(.consentExpired, "the consent was not completed before \(consent.expiresAt); begin again")
        }
        guard let code = answer.code else {
            throw Refusal(.consentDenied, "the consent was not given on \(provider.rawValue)'s page; begin again to ask once more")
        }
        return code
    }

    /// Whether pushed messages are subscribed to, and who says so: the partner before the user, else nobody.
    static func subscription(_ tokens: ProtectedTokens, _ consent: Consent?) -> (isOn: Bool, source: SubscriptionSource) {
        if let report = tokens.messageSubscription { return (report, .partner) }
        guard let statement = consent?.statement else { return (false, .default) }
        return (statement, consent?.isPartners == true ? .partner : .user)
    }
}
