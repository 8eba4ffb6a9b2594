/// What a metric is: declared once, in ``MetricName/declaration``. Registries, the page of all metrics and the tests of what a process serves
/// come from it.
public struct MetricDeclaration: Sendable {
    public enum Kind: Sendable, Equatable {
        case counter, gauge
        /// The buckets' upper ends, ascending.
        case histogram(bounds: [Double])

        /// The word of Prometheus' text format.
        var word: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    /// Which processes serve it.
    public enum Processes: String, Sendable {
        case all
        /// Those with shards.
        case services = "the five services"
        case authorization, console
        /// Those that call partners.
        case callers = "authorization, waybill, shipping"
        /// Those that export traces.
        case tracing = "all, with traces on"
    }

    public enum Unit: String, Sendable {
        case records, batches, seconds, bytes, messages, effects, shards, partitions, requests, streams, spans, calls, rows, letters, claims
        case copies, commands, transactions, attempts, states, files
        case truth = "0 or 1"
        case time = "seconds since 1970"
    }

    public let name: String
    public let kind: Kind
    public let unit: Unit
    /// Names of its labels. Their values are of small sets: codes, kinds, shards; never ids of orders or people.
    public let labels: [String]
    public let processes: Processes
    /// Its meaning, in a sentence.
    public let help: String

    init(
        _ name: String, _ kind: Kind, _ unit: Unit, labels: [String] = [], of processes: Processes = .services, _ help: String
    ) {
        (self.name, self.kind, self.unit, self.labels, self.processes, self.help) = (name, kind, unit, labels, processes, help)
    }

    /// Names of the series that it has in Prometheus' text.
    public var seriesNames: [String] {
        if case .histogram = kind { return ["_bucket", "_sum", "_count"].map { name + $0 } }
        return [name]
    }
}

extension MetricDeclaration.Kind {
    /// Of a store's or a broker's answer.
    static let quick = Self.histogram(bounds: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10])
    /// Of a partner's answer.
    static let slow = Self.histogram(bounds: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30])
    /// Of how long something has waited.
    static let ages = Self.histogram(bounds: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800])
    static let sizes = Self.histogram(bounds: [1, 3, 10, 30, 100, 300, 1000, 3000])
}
