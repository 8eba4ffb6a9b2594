import CommandLine
import Identity
import JSON
import Threads
import Texts

/// `daifa user add`.
struct UserAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Make a user with a password, which is typed, or is the first line of standard input.",
        examples: [
            .init("daifa user add anna --actor operator --data ./data"),
            .init("daifa user add ben --actor merchant:1001 --store sqlite:/var/lib/daifa/console < password.txt"),
        ])

    @Argument(help: "Name: 1 to 64 visible characters.") var name: String
    @Option(help: "Who the user acts for: operator, merchant:<shopId> or factory:<shopId>; without it nobody yet.", valueName: "actor")
    var actor: String?
    @Option(help: "What the user may do for it.") var role: Role = .owner
    @Option(name: .shortAndLong, help: "Language of texts.") var language: Language = .en
    @Option(help: "Folder of 'daifa up': the store is <data>/console.", valueName: "folder", completion: .directory) var data: String?
    @Option(help: "The console's DAIFA_STORE, or its folder.", valueName: "store", completion: .directory) var store: String?
    @Flag(help: "One JSON object a line.") var json = false

    func run() throws {
        let people = try UserCommand.people(.init(data: data, store: store), orNew: true)
        let password = try SecretInput.read("Password of \(name)")
        let user = try UserCommand.done { () throws(PeopleError) in
            try people.add(user: name, password: password, language: language, actor: actor, role: role, now: Clock.now)
        }
        Terminal.write(json ? jsonLine([("user", .string(user.name)), ("userId", .string(user.userId))]) : "\(user.name) is there\n")
    }
}

/// `daifa user invite`.
struct UserInvite: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invite", abstract: "Make a link, good once and for seven days, that gives whoever opens it a role.",
        examples: [.init("daifa user invite --actor merchant:1001 --role clerk --data ./data")])

    @Option(help: "Who the person will act for: operator, merchant:<shopId> or factory:<shopId>.", valueName: "actor") var actor: String
    @Option(help: "What the person may do for it.") var role: Role = .owner
    @Option(help: "Address of the console in links.", valueName: "url") var publicUrl: String?
    @Option(help: "Folder of 'daifa up': the store is <data>/console.", valueName: "folder", completion: .directory) var data: String?
    @Option(help: "The console's DAIFA_STORE, or its folder.", valueName: "store", completion: .directory) var store: String?
    @Flag(help: "One JSON object a line.") var json = false

    func run() throws {
        let people = try UserCommand.people(.init(data: data, store: store, publicURL: publicUrl), orNew: true)
        let code = try UserCommand.done { () throws(PeopleError) in try people.invite(to: actor, as: role, now: Clock.now) }
        UserCommand.show(code, json: json)
    }
}

/// `daifa user reset`.
struct UserReset: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Make a link, good once and for an hour, with which a user gives himself a new password.",
        examples: [.init("daifa user reset anna --data ./data")])

    @Argument(help: "Name, in any case.") var name: String
    @Option(help: "Address of the console in links.", valueName: "url") var publicUrl: String?
    @Option(help: "Folder of 'daifa up': the store is <data>/console.", valueName: "folder", completion: .directory) var data: String?
    @Option(help: "The console's DAIFA_STORE, or its folder.", valueName: "store", completion: .directory) var store: String?
    @Flag(help: "One JSON object a line.") var json = false

    func run() throws {
        let people = try UserCommand.people(.init(data: data, store: store, publicURL: publicUrl))
        let code = try UserCommand.done { () throws(PeopleError) in try people.reset(user: name, now: Clock.now) }
        UserCommand.show(code, json: json)
    }
}

/// `daifa user list`.
struct UserList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List users, with a line for each actor.",
        examples: [.init("daifa user list --data ./data"), .init("daifa user list --store /var/lib/daifa/console --json")])

    @Option(help: "Folder of 'daifa up': the store is <data>/console.", valueName: "folder", completion: .directory) var data: String?
    @Option(help: "The console's DAIFA_STORE, or its folder.", valueName: "store", completion: .directory) var store: String?
    @Flag(help: "One JSON object a line.") var json = false

    func run() throws {
        let people = try UserCommand.people(.init(data: data, store: store))
        let lines = try UserCommand.done { () throws(PeopleError) in try people.allUsers() }
        guard json else {
            let rows = lines.map { [$0.user, $0.actor ?? "-", $0.role?.rawValue ?? "-", $0.language.rawValue] }
            return Terminal.writeLine(TextTable.text([["USER", "ACTOR", "ROLE", "LANGUAGE"]] + rows))
        }
        for line in lines {
            Terminal.write(
                jsonLine([
                    ("user", .string(line.user)), ("userId", .string(line.userId)), ("actor", line.actor.map { .string($0) } ?? .null),
                    ("role", line.role.map { .string($0.rawValue) } ?? .null), ("language", .string(line.language.rawValue)),
                ]))
        }
    }
}
