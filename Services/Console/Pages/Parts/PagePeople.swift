import Contracts
import HTTP
import Identity
import Texts
import Threads
import Web

/// What pages about people are answered with.
struct PagePeople: Sendable {
    let people: People
    let events: ConsoleEvents
    let cookies: SessionCookies
    let streams: StreamSessions
    let clock: @Sendable () -> Timestamp

    /// - Throws: what the API answers too.
    func asked<Result>(_ body: (People, Timestamp) throws(PeopleError) -> Result) throws(Problem) -> Result {
        do throws(PeopleError) { return try body(people, clock()) } catch { throw Problem(error) }
    }

    /// Somebody has logged in: shows a page, with the session's cookie.
    func opened(_ new: NewSession, _ link: Link) -> HTTPResponse {
        events.sessionOpened(new.open)
        var response = HTTPResponse.seeOther(link)
        response.headers += cookies.set(new.token)
        return response
    }

    /// Somebody has logged out.
    func closed(_ link: Link) -> HTTPResponse {
        var response = HTTPResponse.seeOther(link)
        response.headers += cookies.removed
        return response
    }

    /// Tells of memberships that were not there before.
    func joined(_ open: OpenSession, before: [Membership]) {
        for membership in open.memberships where !before.contains(membership) { events.joined(open, membership) }
    }
}

extension PagePeople {
    /// Those whom the caller may see, for a spreadsheet.
    func sheet(for caller: Caller) throws(Problem) -> HTTPResponse {
        let users = try asked { (people, _) throws(PeopleError) in try people.users(for: caller) }
        return ListSheet<ListedUser>.users.response(of: ActorText.shop(caller.actor)?.shopId ?? "all", at: clock()) { (_: Int?) in
            (users, nil)
        }
    }

    init(_ parts: ConsoleParts) {
        self.init(people: parts.people, events: parts.events, cookies: parts.cookies, streams: parts.streamSessions, clock: parts.clock)
    }
}

extension FormErrors {
    /// What is wrong with what somebody typed about himself.
    /// - Parameter inputs: ids of inputs by the names that the rules of people have for them, where they differ.
    /// - Returns: nil for what is no matter of a form.
    init?(_ error: PeopleError, _ frame: PageFrame, inputs: [String: String] = [:]) {
        let say = frame.say
        switch error {
        case .invalid(let field, let reason):
            let input = inputs[field] ?? field
            self.init()
            add(input, Self.text(say, field, say.has("field.\(input)") ? say("field.\(input)") : field, reason))
        case .tooMany(let seconds):
            self.init()
            add(nil, say("login.tooMany", ["minutes": frame.language.grouped(max(1, (seconds + 59) / 60))]))
        case .forbidden, .lastOwner, .roleAlreadyChosen: self.init(Problem(error), frame)
        case .wrongCredentials, .provider, .noSession, .notFound, .keyReused, .unavailable: return nil
        }
    }

    private static func text(_ say: Wording, _ field: String, _ label: String, _ reason: PeopleError.Reason) -> String {
        switch reason {
        case .missing: say("error.required", ["field": label])
        case .tooShort, .tooLong: field == "password" ? say("error.password") : say("error.field", ["field": label])
        case .taken: field == "user" ? say("signup.taken") : say("error.field", ["field": label])
        case .unknown: field == "zone" ? say("me.zone.bad") : say("error.field", ["field": label])
        case .invisible, .wrong: say("error.field", ["field": label])
        }
    }
}

extension PageFrame {
    /// A choice among the languages, each by its own name.
    func languageChoice(_ value: Language, errors: FormErrors = .none) -> HTML {
        choice("language", value: value.rawValue, of: Language.allCases.map { ($0.rawValue, $0.ownName) }, errors: errors)
    }

    /// A password; it never comes back filled in.
    func password(_ name: String, hint: String? = nil, isNew: Bool, errors: FormErrors) -> HTML {
        field(name, hint: hint, errors: errors, type: "password", autocomplete: isNew ? "new-password" : "current-password")
    }
}
