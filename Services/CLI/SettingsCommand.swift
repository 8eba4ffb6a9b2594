import CommandLine
import ConsoleConfiguration
import PartnerEffects
import Runtime

/// `daifa settings`.
struct SettingsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settings", abstract: "List the settings of all processes, as a table in Markdown.",
        discussion: "This is deploy/SETTINGS.md; a process lists its own settings with --help.",
        examples: [.init("daifa settings > deploy/SETTINGS.md")])

    /// Groups of settings beside those of every process.
    static let groups: [any SettingGroup.Type] = PartnerEnvironment.settingGroups + [ConsoleSettings.self]

    func run() throws { Terminal.write(SettingDocuments.markdown(Self.groups)) }
}
