import Synchronization

/// Counters, gauges and histograms of one process, made once and kept; `text` is what Prometheus reads
/// (text format 0.0.4).
public final class Metrics: Sendable {
    private struct Family: Sendable {
        var help: String
        var type: String
        var series: [(labels: String, metric: any Metric)]
    }

    private let families = Mutex<[String: Family]>([:])

    public init() {}

    /// A count that only grows.
    public func counter(_ name: String, _ help: String, labels: KeyValuePairs<String, String> = [:]) -> Counter {
        register(name, help, "counter", labels.map { ($0.key, $0.value) }) { Counter() }
    }

    func counter(_ name: String, _ help: String, pairs: [(String, String)]) -> Counter {
        register(name, help, "counter", pairs) { Counter() }
    }

    func gauge(_ name: String, _ help: String, pairs: [(String, String)]) -> Gauge { register(name, help, "gauge", pairs) { Gauge() } }

    /// A value that goes up and down.
    public func gauge(_ name: String, _ help: String, labels: KeyValuePairs<String, String> = [:]) -> Gauge {
        register(name, help, "gauge", labels.map { ($0.key, $0.value) }) { Gauge() }
    }

    /// A distribution; `bounds` are the buckets' upper ends, ascending.
    public func histogram(_ name: String, _ help: String, bounds: [Double]) -> Histogram {
        register(name, help, "histogram", []) { Histogram(bounds: bounds) }
    }

    private func register<Kind: Metric>(
        _ name: String, _ help: String, _ type: String, _ labels: [(String, String)], _ make: () -> Kind
    ) -> Kind {
        let text = labels.map { "\($0.0)=\"\(Self.escape($0.1))\"" }.joined(separator: ",")
        return families.withLock { families in
            var family = families[name] ?? Family(help: help, type: type, series: [])
            if let known = family.series.first(where: { $0.labels == text })?.metric as? Kind { return known }
            let metric = make()
            family.series.append((text, metric))
            families[name] = family
            return metric
        }
    }

    private static func escape(_ value: String) -> String {
        value.reduce(into: "") { text, character in
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.append(character)
            }
        }
    }

    /// Everything, in Prometheus' text format.
    public var text: String {
        families.withLock { families in
            var text = ""
            for (name, family) in families.sorted(by: { $0.key < $1.key }) {
                text += "# HELP \(name) \(family.help)\n# TYPE \(name) \(family.type)\n"
                for series in family.series.sorted(by: { $0.labels < $1.labels }) { text += series.metric.lines(name, series.labels) }
            }
            return text
        }
    }
}

protocol Metric: AnyObject, Sendable {
    func lines(_ name: String, _ labels: String) -> String
}

func braced(_ labels: String) -> String { labels.isEmpty ? "" : "{\(labels)}" }

public final class Counter: Metric {
    private let count = Atomic(0)
    public func increment(by amount: Int = 1) { count.wrappingAdd(amount, ordering: .relaxed) }
    public var value: Int { count.load(ordering: .relaxed) }
    func lines(_ name: String, _ labels: String) -> String { "\(name)\(braced(labels)) \(value)\n" }
}

public final class Gauge: Metric {
    private let current = Atomic(0)
    public func set(_ value: Int) { current.store(value, ordering: .relaxed) }
    public var value: Int { current.load(ordering: .relaxed) }
    func lines(_ name: String, _ labels: String) -> String { "\(name)\(braced(labels)) \(value)\n" }
}

public final class Histogram: Metric {
    private struct State {
        var counts: [Int]
        var sum = 0.0
        var total = 0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count)))
    }

    public func observe(_ value: Double) {
        state.withLock { state in
            if let bucket = bounds.firstIndex(where: { value <= $0 }) { state.counts[bucket] += 1 }
            state.sum += value
            state.total += 1
        }
    }

    func lines(_ name: String, _ labels: String) -> String {
        state.withLock { state in
            var text = ""
            var below = 0
            let prefix = labels.isEmpty ? "" : labels + ","
            for (bound, count) in zip(bounds, state.counts) {
                below += count
                text += "\(name)_bucket{\(prefix)le=\"\(bound)\"} \(below)\n"
            }
            text += "\(name)_bucket{\(prefix)le=\"+Inf\"} \(state.total)\n"
            return text + "\(name)_sum\(braced(labels)) \(state.sum)\n\(name)_count\(braced(labels)) \(state.total)\n"
        }
    }
}
