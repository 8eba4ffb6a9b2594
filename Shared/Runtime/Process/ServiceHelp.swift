import CommandLine
import Contracts
import Machines

/// `--help` of a process.
enum ServiceHelp {
    static func text(_ description: ServiceDescription) -> String {
        text(
            description.name, "The \(description.name.rawValue) service of Daifa: reads \(description.inputs.joined(separator: ", ")).",
            description.resources.settingGroups)
    }

    static func text<Resources: ServiceResources>(_ description: EdgeDescription<Resources>) -> String {
        text(description.name, "The \(description.name.rawValue) of Daifa: \(description.summary)", Resources.settingGroups)
    }

    private static func text(_ service: ServiceName, _ summary: String, _ groups: [any SettingGroup.Type]) -> String {
        let name = service.rawValue
        return """
            daifa-\(name) \(ProductVersion.current)
            \(summary)

            Usage: daifa-\(name) [--check | --health | --version | --help]

              --check     checks the configuration and the connections, then ends
              --health    asks the process on DAIFA_HTTP_PORT whether it is ready; ends with 0 or 69
              --version   prints the version
              --help      prints this

            Settings (environment):
            \(SettingDocuments.lines(of: service, groups).joined(separator: "\n"))

            Exit: 0 after SIGTERM or SIGINT, 64 wrong arguments, 70 a mistake of ours, 78 wrong configuration.

            Example:
              KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:9092 DAIFA_STORE=sqlite:/var/lib/daifa/\(name) daifa-\(name)
            """
    }
}
