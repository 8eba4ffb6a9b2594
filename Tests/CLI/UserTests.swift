import CommandLine
import Foundation
import Identity
import Testing
import Texts
import Threads

@testable import CLI

@Suite struct UserTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("daifa-user-\(UUID().uuidString)").path

    private func people(_ place: UserCommand.Place, orNew isNew: Bool = false) throws -> People {
        try UserCommand.people(place, orNew: isNew)
    }

    @Test func peopleAreAddedWhileTheConsoleHasTheStoreOpen() throws {
        try FileManager.default.createDirectory(atPath: "\(folder)/console", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let console = try people(.init(store: "sqlite:\(folder)/console"), orNew: true)
        let client = Client(address: "127.0.0.1", browser: "")
        let command = try people(.init(data: folder))
        _ = try command.add(user: "Anna", password: "correct horse", language: .zh, actor: "operator", role: .owner, now: Clock.now)
        let session = try console.signIn(user: "anna", password: "correct horse", client: client, now: Clock.now)
        let code = try command.reset(user: "ANNA", now: Clock.now)
        _ = try console.setPassword(code: code.code, password: "a new password", client: client, now: Clock.now)
        #expect(throws: PeopleError.noSession) { try console.session(token: session.token, client: nil, now: Clock.now) }
        let invitation = try command.invite(to: "merchant:1001", as: .clerk, now: Clock.now)
        #expect(try console.offer(code: invitation.code, now: Clock.now).kind == .invitation(actor: "merchant:1001", role: .clerk))

        let list = UserList()
        list.store = "\(folder)/console"
        list.json = true
        try list.run()
        #expect(try command.allUsers().map { "\($0.user) \($0.role?.rawValue ?? "")" } == ["Anna owner"])
    }

    @Test func linksBeginWithTheAddressThatIsGiven() throws {
        try FileManager.default.createDirectory(atPath: "\(folder)/console", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let place = UserCommand.Place(data: folder, publicURL: "https://daifa.example/")
        let code = try people(place, orNew: true).invite(to: "operator", as: .owner, now: Clock.now)
        #expect(code.link == "https://daifa.example/join/\(code.code)")
    }

    @Test func aFolderThatIsNoneIsToldAndNothingIsMade() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(throws: UsageError.self) { _ = try people(.init()) }
        #expect(throws: UsageError.self) { _ = try people(.init(data: folder, store: folder)) }
        #expect(throws: UsageError.self) { _ = try people(.init(store: "postgres://localhost/daifa")) }
        #expect(throws: CommandFailure.self) { _ = try people(.init(data: folder), orNew: true) }
        try FileManager.default.createDirectory(atPath: "\(folder)/console", withIntermediateDirectories: true)
        let missing = #expect(throws: CommandFailure.self) { _ = try people(.init(data: folder)) }
        #expect(missing?.exitCode == .configuration)
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/console/people"))
    }

    @Test func aRefusalSaysTheFieldAndTheRemedy() {
        let failure = #expect(throws: CommandFailure.self) {
            try UserCommand.done { () throws(PeopleError) in throw .invalid(field: "password", .tooShort(10)) }
        }
        #expect(failure?.description == "password: give it 10 characters at least" && failure?.exitCode == .badData)
    }

    @Test func aPasswordIsTheFirstLineOfStandardInput() throws {
        let cases: [(String, String?)] = [
            ("correct horse\nnext", "correct horse"), ("mật khẩu dài\r\n", "mật khẩu dài"), ("without an end", "without an end"), ("", nil),
            ("\n", nil), (String(repeating: "x", count: 5000), nil),
        ]
        for (text, expected) in cases {
            let pipe = Pipe()
            pipe.fileHandleForWriting.write(Data(text.utf8))
            try pipe.fileHandleForWriting.close()
            #expect((try? SecretInput.read("Password", from: pipe.fileHandleForReading.fileDescriptor)) == expected)
        }
    }
}
