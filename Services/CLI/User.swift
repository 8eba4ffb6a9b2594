public import CommandLine
import Glibc
public import Identity
import JSON
import Stores
import Texts

/// `daifa user`: the people of the console.
struct UserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Add, invite, reset and list the people of the console.",
        discussion: """
            Works on the console's store of people itself, in <store>/people: while the console runs, and when nobody can log in. Links begin with
            --public-url, else DAIFA_PUBLIC_URL, else http://127.0.0.1:8080.
            """,
        examples: [
            .init("daifa user add anna --actor operator --data ./data", "an operator; asks for the password"),
            .init("daifa user reset anna --data ./data", "a link with which anna gives herself a new password"),
        ],
        subcommands: [UserAdd.self, UserInvite.self, UserReset.self, UserList.self])

    /// Where the console keeps people, as the command line says it.
    struct Place {
        /// Folder of `daifa up`.
        var data: String?
        /// The console's store.
        var store: String?
        var publicURL: String?
    }

    /// People of the store.
    /// - Parameter isNew: makes the store of people where there is none yet, in the console's folder, which must be there.
    static func people(_ place: Place, orNew isNew: Bool = false) throws -> People {
        let folder: String
        switch (place.data, place.store) {
        case (let data?, nil): folder = "\(data)/console"
        case (nil, let store?): folder = store.hasPrefix("sqlite:") ? String(store.dropFirst("sqlite:".count)) : store
        default: throw UsageError("say where the console's store is, either by --data or by --store")
        }
        guard !folder.hasPrefix("postgres:"), !folder.hasPrefix("postgresql:") else {
            throw UsageError("--store: expected sqlite:<folder>, the value of the console's DAIFA_STORE")
        }
        let own = SQLitePeopleStore.folder(inStoreFolder: folder)
        guard access(isNew ? folder : "\(own)/people.db", F_OK) == 0 else {
            throw CommandFailure(
                .configuration,
                "\(isNew ? folder : own): there is no store of people; the console makes it when it starts: check the folder")
        }
        var settings = PeopleSettings()
        let variable = getenv("DAIFA_PUBLIC_URL").map { String(cString: $0) } ?? ""
        if let url = place.publicURL ?? (variable.isEmpty ? nil : variable) { settings.publicURL = url }
        return try done {
            () throws(PeopleError) in
            let store = try SQLitePeopleStore(folder: own)
            return People(
                store: store, hasher: try PasswordHasher(), settings: settings, linkFile: SQLitePeopleStore.linkFile(inFolder: own))
        }
    }

    /// Runs the body; a refusal ends the command with a line that says what to do.
    static func done<Result>(_ body: () throws(PeopleError) -> Result) throws(CommandFailure) -> Result {
        do throws(PeopleError) { return try body() } catch { throw failure(error) }
    }

    private static func failure(_ error: PeopleError) -> CommandFailure {
        switch error {
        case .invalid(let field, let reason): CommandFailure(.badData, "\(field): \(text(reason))")
        case .notFound: CommandFailure(.badData, "there is no such user: see 'daifa user list'")
        case .forbidden(.ofProvider): CommandFailure(.badData, "this user logs in with a provider, which has the password")
        case .unavailable(let text): CommandFailure(.unavailable, text)
        case .tooMany(let seconds): CommandFailure(.temporary, "try again in \(seconds) s")
        default: CommandFailure(.badData, "\(error)")
        }
    }

    private static func text(_ reason: PeopleError.Reason) -> String {
        switch reason {
        case .missing: "is required"
        case .tooShort(let least): "give it \(least) characters at least"
        case .tooLong(let most): "give it \(most) characters at most"
        case .invisible: "only visible characters, no blanks"
        case .taken: "somebody has it: choose another"
        case .unknown: "expected operator, merchant:<shopId> or factory:<shopId>"
        case .wrong: "is not the present one"
        }
    }

    static func show(_ code: NewCode, json: Bool) {
        Terminal.write(
            json
                ? jsonLine([("link", .string(code.link)), ("code", .string(code.code)), ("expiresAt", .string("\(code.expiresAt)"))])
                : "\(code.link)\ngood once, until \(code.expiresAt)\n")
    }
}

extension Role: ExpressibleByArgument {}
extension Language: ExpressibleByArgument {}
