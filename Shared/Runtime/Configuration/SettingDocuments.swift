public import Contracts

/// The documents about settings that people read, all made from the groups' tables.
public enum SettingDocuments {
    /// Kafka's, whose names librdkafka has.
    private static let kafka: [(name: String, help: String, standard: String)] = [
        ("KAFKA_BOOTSTRAP_SERVERS", "brokers, by commas", "127.0.0.1:9092"),
        ("KAFKA_<PROPERTY>", "any property of librdkafka, dots as underscores; names that it does not know are ignored", "librdkafka's"),
        ("KAFKA_<PROPERTY>_FILE", "the property's value from a file, such as KAFKA_SASL_PASSWORD_FILE", "none"),
    ]

    /// The settings of a process, a line each, for its `--help`.
    static func lines(of service: ServiceName, _ groups: [any SettingGroup.Type]) -> [String] {
        let own = all(groups).filter { $0.processes.contains(service) }.map { setting in
            (setting.name, "\(setting.help) (\(named(setting.standard(service), service)))")
        }
        let all = kafka.map { ($0.name, "\($0.help) (\($0.standard))") } + own
        let width = 32
        return all.map { name, help in "  " + name + String(repeating: " ", count: max(1, width - name.utf8.count)) + help }
    }

    /// A setting as people read it.
    public struct Entry: Sendable {
        public let name: String
        public let processes: Set<ServiceName>
        public let help: String
        public let standard: @Sendable (ServiceName) -> String
    }

    /// The settings of every process and those of the groups; of one name there may be several, for other processes.
    public static func all(_ groups: [any SettingGroup.Type]) -> [Entry] { ([Configuration.self] + groups).flatMap { entries($0) } }

    private static func entries<Group: SettingGroup>(_: Group.Type) -> [Entry] {
        Group.table.map { Entry(name: $0.name, processes: $0.processes, help: $0.help, standard: $0.standard) }
    }

    /// A Markdown document of all settings.
    /// - Parameter groups: those beside every process's own.
    public static func markdown(_ groups: [any SettingGroup.Type]) -> String {
        var text = """
            # Settings

            Environment variables. Written by `daifa settings`; each process tells its own with `--help`. A process ignores what is none of
            its settings; an empty variable counts as one that is not set. A value that is wrong ends a process with exit code 78 and one line that
            names the variable. Names with `DAIFA_` that no part of Daifa knows are told in the log.

            Durations are seconds, or a number with `s`, `m`, `h` or `d`: `90`, `12h`, `30d`. A variable that ends in `_FILE` names a file with a secret;
            it must be there, and the log says so when others than its owner may read it.

            | variable | meaning | default | read by |
            |---|---|---|---|

            """
        for (name, help, standard) in kafka { text += row(name, help, standard, "all") }
        for setting in all(groups) {
            let services = ServiceName.allCases.filter { setting.processes.contains($0) }
            let standard = services.first.map { setting.standard($0) } ?? ""
            text += row(
                setting.name, setting.help, standard,
                services == ServiceName.allCases ? "all" : services.map(\.rawValue).joined(separator: ", "))
        }
        return text
    }

    private static func row(_ name: String, _ help: String, _ standard: String, _ processes: String) -> String {
        func cell(_ text: String) -> String {
            text.replacing("|", with: "\\|").replacing("<", with: "&lt;")
        }
        return "| `\(name)` | \(cell(help)) | \(cell(standard)) | \(processes) |\n"
    }

    private static func named(_ standard: String, _ service: ServiceName) -> String {
        standard.replacing("<service>", with: service.rawValue)
    }
}
