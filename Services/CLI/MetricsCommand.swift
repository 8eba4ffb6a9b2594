import CommandLine
import Observability

/// `daifa metrics`.
struct MetricsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics", abstract: "List the metrics, log fields and spans of all processes, in Markdown.",
        discussion: "This is deploy/METRICS.md.", examples: [.init("daifa metrics > deploy/METRICS.md")])

    func run() throws { Terminal.write(MetricDocuments.markdown) }
}
