import Synchronization

/// Counters, gauges and histograms of one process, made once and kept; `text` is what Prometheus reads
/// (text format 0.0.4).
public final class Metrics: Sendable {
    private struct Family: Sendable {
        var declaration: MetricDeclaration
        var series: [String: any Metric] = [:]
    }

    private let families = Mutex<[String: Family]>([:])

    public init() {}

    /// A count that only grows.
    /// - Parameter values: of its labels, in the order in which they are declared.
    public func counter(_ name: MetricName, _ values: String...) -> Counter { counter(name.declaration, values) }
    /// A value that goes up and down.
    public func gauge(_ name: MetricName, _ values: String...) -> Gauge { gauge(name.declaration, values) }
    /// A distribution.
    public func histogram(_ name: MetricName, _ values: String...) -> Histogram { histogram(name.declaration, values) }
    /// A count or a value that is looked at when it is asked for.
    public func reading(_ name: MetricName, _ read: @escaping @Sendable () -> Double) {
        _ = register(name.declaration, []) { Reading(read) }
    }

    func counter(_ declaration: MetricDeclaration, _ values: [String]) -> Counter { register(declaration, values) { Counter() } }
    func gauge(_ declaration: MetricDeclaration, _ values: [String]) -> Gauge { register(declaration, values) { Gauge() } }
    func histogram(_ declaration: MetricDeclaration, _ values: [String]) -> Histogram {
        guard case .histogram(let bounds) = declaration.kind else { preconditionFailure("\(declaration.name) is no histogram") }
        return register(declaration, values) { Histogram(bounds: bounds) }
    }

    private func register<Kind: Metric>(_ declaration: MetricDeclaration, _ values: [String], _ make: () -> Kind) -> Kind {
        precondition(Kind.words.contains(declaration.kind.word), "\(declaration.name) is a \(declaration.kind.word)")
        let text = Self.labels(declaration, values)
        return families.withLock { families in
            if let known = families[declaration.name]?.series[text] as? Kind { return known }
            let metric = make()
            families[declaration.name, default: Family(declaration: declaration)].series[text] = metric
            return metric
        }
    }

    func remove(_ declaration: MetricDeclaration, _ values: [String]) {
        families.withLock { _ = $0[declaration.name]?.series.removeValue(forKey: Self.labels(declaration, values)) }
    }

    private static func labels(_ declaration: MetricDeclaration, _ values: [String]) -> String {
        precondition(values.count == declaration.labels.count, "\(declaration.name) has the labels \(declaration.labels)")
        return zip(declaration.labels, values).map { "\($0)=\"\(escape($1))\"" }.joined(separator: ",")
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
            for (name, family) in families.sorted(by: { $0.key < $1.key }) where !family.series.isEmpty {
                text += "# HELP \(name) \(family.declaration.help)\n# TYPE \(name) \(family.declaration.kind.word)\n"
                for (labels, metric) in family.series.sorted(by: { $0.key < $1.key }) { text += metric.lines(name, labels) }
            }
            return text
        }
    }
}

protocol Metric: AnyObject, Sendable {
    /// Types, in Prometheus' words, that it may be declared with.
    static var words: Set<String> { get }
    func lines(_ name: String, _ labels: String) -> String
}

func braced(_ labels: String) -> String { labels.isEmpty ? "" : "{\(labels)}" }

public final class Counter: Metric {
    static let words: Set = ["counter"]
    private let count = Atomic(0)
    public func increment(by amount: Int = 1) { count.wrappingAdd(amount, ordering: .relaxed) }
    public var value: Int { count.load(ordering: .relaxed) }
    func lines(_ name: String, _ labels: String) -> String { "\(name)\(braced(labels)) \(value)\n" }
}

public final class Gauge: Metric {
    static let words: Set = ["gauge"]
    private let current = Atomic(0)
    public func set(_ value: Int) { current.store(value, ordering: .relaxed) }
    public var value: Int { current.load(ordering: .relaxed) }
    func lines(_ name: String, _ labels: String) -> String { "\(name)\(braced(labels)) \(value)\n" }
}

final class Reading: Metric {
    static let words: Set = ["counter", "gauge"]
    private let read: @Sendable () -> Double

    init(_ read: @escaping @Sendable () -> Double) { self.read = read }

    func lines(_ name: String, _ labels: String) -> String {
        let value = read()
        return "\(name)\(braced(labels)) \(Int(exactly: value).map { "\($0)" } ?? "\(value)")\n"
    }
}

public final class Histogram: Metric {
    static let words: Set = ["histogram"]
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
