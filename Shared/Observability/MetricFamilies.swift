import Synchronization

/// Metrics of one name that differ in the values of their labels, each made once and kept: counting takes neither the registry's lock nor
/// the text of its labels. For values of a small set, such as codes; never for ids.
final class MetricFamily<Kind: Sendable>: Sendable {
    private let make: @Sendable (_ values: [String]) -> Kind
    private let known = Mutex<[[String]: Kind]>([:])

    init(_ make: @escaping @Sendable (_ values: [String]) -> Kind) { self.make = make }

    subscript(values: [String]) -> Kind {
        known.withLock { known in
            if let metric = known[values] { return metric }
            let made = make(values)
            known[values] = made
            return made
        }
    }
}

/// Counters of one name: `refusals["not-found"].increment()`.
public struct CounterFamily: Sendable {
    private let family: MetricFamily<Counter>

    /// - Parameter labels: names of the labels, whose values the subscript takes in the same order.
    public init(_ registry: Metrics, _ name: String, _ help: String, labels: [String]) {
        family = MetricFamily { values in registry.counter(name, help, pairs: Array(zip(labels, values))) }
    }

    public subscript(_ values: String...) -> Counter { family[values] }
}

/// Gauges of one name: `lag["3", "daifa.orders"].set(7)`.
public struct GaugeFamily: Sendable {
    private let family: MetricFamily<Gauge>

    /// - Parameter labels: names of the labels, whose values the subscript takes in the same order.
    public init(_ registry: Metrics, _ name: String, _ help: String, labels: [String]) {
        family = MetricFamily { values in registry.gauge(name, help, pairs: Array(zip(labels, values))) }
    }

    public subscript(_ values: String...) -> Gauge { family[values] }
}
