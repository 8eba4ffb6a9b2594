import TestSupport
import Testing

@testable import CommandLine

private enum Colour: String, CaseIterable, ExpressibleByArgument { case red, green }

private struct Paint: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "paint", abstract: "Paint a wall.", discussion: "Walls only.", examples: [.init("house paint --colour red north")])
    @Option(name: .shortAndLong, help: "The colour.", valueName: "colour") var colour: Colour
    @Option(help: "Coats.") var coats = 2
    @Option(help: "A note.") var note: String?
    @Option(help: "A tool.", completion: .file) var tool: [String] = []
    @Flag(name: .custom(long: "verbose", short: "v"), help: "Say more.") var isVerbose
    @Flag(name: .shortAndLong, help: "Dry run.") var dryRun = false
    @Argument(help: "The wall.") var wall: String
    @Argument(help: "More walls.") var more: [String] = []
    func validate() throws { if coats == 13 { throw UsageError("13 coats bring bad luck: take 12 or 14") } }
}

private struct Fail: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "fail", abstract: "Fail.")
    func run() throws { throw CommandFailure(.unavailable, "no paint: buy some") }
}

private struct House: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "house", abstract: "A house.", version: "1.2", subcommands: [Paint.self, Group.self, Fail.self])
}

private struct Group: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "rooms", abstract: "Rooms.", subcommands: [Paint.self])
}

private func paint(_ arguments: String...) throws -> Paint {
    guard case .command(let command, _) = try CommandParser.parse(House.self, ["paint"] + arguments), let paint = command as? Paint else {
        throw UsageError("no command")
    }
    return paint
}

private func error(_ arguments: String...) -> String {
    do { _ = try CommandParser.parse(House.self, arguments) } catch { return "\(error)" }
    return "parsed"
}

private func text(_ arguments: String...) throws -> String {
    guard case .text(let text) = try CommandParser.parse(House.self, arguments) else { return "" }
    return text
}

@Suite struct CommandParserTests {
    @Test func everyKindOfValueIsRead() throws {
        let command = try paint(
            "--colour=red", "--coats", "-3", "--tool", "a", "--tool=b=c", "-vd", "north", "--note", "-", "south", "--", "--east")
        #expect(command.colour == .red && command.coats == -3 && command.tool == ["a", "b=c"] && command.note == "-")
        #expect(command.isVerbose && command.dryRun && command.wall == "north" && command.more == ["south", "--east"])
    }

    @Test func whatIsNotGivenHasItsDefault() throws {
        let command = try paint("-c", "green", "north")
        #expect(command.coats == 2 && command.note == nil && command.tool.isEmpty && !command.isVerbose && command.more.isEmpty)
    }

    @Test func twoParsesShareNothing() throws {
        let first = try paint("-c", "red", "a", "--tool", "x")
        let second = try paint("-c", "green", "b")
        #expect(first.colour == .red && second.colour == .green && second.tool.isEmpty)
    }

    @Test(arguments: [
        (["paint", "--colour"], "house paint: --colour needs a value: red, green"),
        (["paint", "--colour", "--coats", "2"], "house paint: --colour needs a value: red, green"),
        (["paint", "--colour", "blue", "w"], "house paint: --colour: expected one of red, green, not \"blue\""),
        (["paint", "--coats", "many", "w"], "house paint: --coats: expected a whole number, not \"many\""),
        (["paint", "--colur", "red"], "house paint: no option '--colur'; did you mean '--colour'?"),
        (["paint", "--zzzzzz"], "house paint: no option '--zzzzzz'"),
        (["paint", "-x"], "house paint: no option '-x'"),
        (["paint", "-cv", "red"], "house paint: -c needs a value: write it on its own, followed by the value"),
        (["paint", "--verbose=yes"], "house paint: --verbose takes no value"),
        (["paint", "-c", "red", "-c", "green", "w"], "house paint: --colour is given twice"),
        (["paint", "w"], "house paint: --colour is missing: The colour."),
        (["paint", "-c", "red"], "house paint: <wall> is missing: The wall."),
        (["paint", "-c", "red", "w", "--coats", "13"], "house paint: 13 coats bring bad luck: take 12 or 14"),
        (["pant"], "house: no command 'pant'; did you mean 'paint'?"),
        (["rooms", "zz"], "house rooms: no command 'zz'; there are: paint"),
        (["fail", "now"], "house fail: unexpected argument 'now'"),
        ([], "house: say what to do: paint, rooms, fail"),
    ]) func mistakesAreNamed(arguments: [String], message: String) {
        var found = "parsed"
        do { _ = try CommandParser.parse(House.self, arguments) } catch { found = "\(error)" }
        #expect(found == message)
    }

    @Test func helpIsMadeFromTheDeclarations() throws {
        let help = try text("paint", "--help")
        #expect(help.hasPrefix("Paint a wall.\n\nUsage: house paint --colour <colour> [options] <wall> [<more>…]\n\nWalls only.\n"))
        #expect(help.contains("  -c, --colour <colour>       The colour. One of: red, green.\n"))
        #expect(help.contains("      --coats <coats>         Coats. (default: 2)\n"))
        #expect(help.contains("  house paint --colour red north\n"))
        #expect(try text("help", "rooms", "paint") == text("rooms", "paint", "-h"))
        #expect(try text("--help").contains("  65                          the data is wrong"))
    }

    @Test func versionIsTheRootsAlone() throws {
        #expect(try text("--version") == "house 1.2\n")
        #expect(error("paint", "--version") == "house paint: no option '--version'")
    }

    @Test func theExitCodeSaysWhatHappened() {
        #expect(House.execute(["paint", "-c", "red", "w"]) == .success)
        #expect(House.execute(["paint"]) == .usage)
        #expect(House.execute(["fail"]) == .unavailable)
    }

    @Test func distanceCountsEdits() {
        #expect(CommandParser.distance("kitten", "sitting") == 3)
        #expect(CommandParser.distance("", "abc") == 3)
        #expect(CommandParser.hyphenated("_basePort") == "base-port")
    }

    @Test func progressFitsItsLine() {
        let line = ProgressBar.line("Import", done: 1000, total: 2000, seconds: 2, width: 80)
        #expect(line == "Import  [#################                  ]  50 %  1000/2000  500/s  2 s left")
        for width in [20, 40, 200] {
            #expect(ProgressBar.line("Import", done: 1, total: 3, seconds: 1, width: width).count < width)
        }
        #expect(ProgressBar.line("Watch", done: 7, total: 0, seconds: 0, width: 80) == "Watch  7")
    }

    @Test func wordsAreWrapped() {
        #expect(HelpText.wrapped("one two three", to: 7) == ["one two", "three"])
    }
}

@Suite struct CompletionScriptTests {
    @Test func bashOffersCommandsOptionsAndValues() throws {
        #expect(try Shell.complete(House.self, ["house", ""]) == ["--help", "fail", "paint", "rooms"])
        #expect(try Shell.complete(House.self, ["house", "rooms", "p"]) == ["paint"])
        #expect(try Shell.complete(House.self, ["house", "paint", "--co"]) == ["--coats", "--colour"])
        #expect(try Shell.complete(House.self, ["house", "rooms", "paint", "-c", ""]) == ["green", "red"])
        #expect(try Shell.complete(House.self, ["house", "paint", "--note", ""]) == [])
    }

    @Test func zshNamesEveryCommand() {
        let script = CompletionScript.zsh(House.self)
        #expect(script.hasPrefix("#compdef house\n"))
        #expect(script.contains("_house_rooms_paint() {") && script.contains("'--coats=[Coats.]:coats: '"))
        #expect(script.contains("'*--tool=[A tool.]:tool:_files'"))
    }
}
