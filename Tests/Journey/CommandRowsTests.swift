import Contracts
import JSON
import TestSupport
import Testing

/// The rows of `CommandRows` against the contract's catalogue; without services.
@Suite struct CommandRowsTests {
    @Test func everyCommandHasARow() {
        let commands = Set(Catalog.entries.filter { $0.kind == .command }.map(\.type))
        let rows = Set(CommandRows.all.map(\.type))
        #expect(commands.subtracting(rows) == [], "add a row to Tests/Journey/Commands.swift")
        #expect(rows.subtracting(commands) == [])
    }

    @Test(arguments: CommandRows.all) func aRowsDataFitsItsSchemaAndItsKeyIsTheContracts(_ row: CommandRow) throws {
        let entry = try #require(row.entry)
        let key = try #require(row.command.key)
        if let said = try entry.readKey(row.command.value ?? []) { #expect(Array(said.utf8) == key) }
        #expect(row.command.topic == entry.topic)
    }

    /// Whoever the contract allows to send a command is tried as one who may.
    @Test(arguments: CommandRows.all) func aRowNamesAllWhoMaySendIt(_ row: CommandRow) throws {
        let entry = try #require(row.entry)
        let data = try JSONValue.decode(row.command.value ?? [])
        let allowed = [row.actor] + row.alsoAllowed
        var named = 0
        for text in entry.actors {
            let declared = try #require(Actor(text))
            // One whom the data does not name: the channel's owner, or a field that this row leaves out.
            guard let field = declared.id.wholeMatch(of: /<(\w+)>/)?.1 else {
                if !declared.id.hasPrefix("<") { #expect(allowed.contains(declared), "\(text)") }
                named += 1
                continue
            }
            guard let id = data[String(field)]?.string else { continue }
            #expect(allowed.contains(Actor(declared.kind, id)), "\(text)")
            named += 1
        }
        #expect(named > 0)
    }
}
