import Synchronization

/// Metrics of one name that differ in the values of their labels, each made once and kept: counting takes neither the registry's lock nor
/// the text of its labels. For values of a small set, such as codes; never for ids.
final class MetricFamily<Kind: Sendable>: Sendable {
    private let make: @Sendable (_ values: [String]) -> Kind
    private let forget: @Sendable (_ values: [String]) -> Void
    private let known = Mutex<[[String]: Kind]>([:])

    init(_ make: @escaping @Sendable (_ values: [String]) -> Kind, forget: @escaping @Sendable (_ values: [String]) -> Void) {
        self.make = make
        self.forget = forget
    }

    subscript(values: [String]) -> Kind {
        known.withLock { known in
            if let metric = known[values] { return metric }
            let made = make(values)
            known[values] = made
            return made
        }
    }

    func keep(_ isKept: ([String]) -> Bool) {
        known.withLock { known in
            for values in known.keys where !isKept(values) {
                known[values] = nil
                forget(values)
            }
        }
    }
}

/// Counters of one name: `refusals["not-found"].increment()`; the values in the order in which the labels are declared.
public struct CounterFamily: Sendable {
    private let family: MetricFamily<Counter>

    public init(_ registry: Metrics, _ name: MetricName) { self.init(registry, name.declaration) }

    init(_ registry: Metrics, _ declaration: MetricDeclaration) {
        family = MetricFamily({ registry.counter(declaration, $0) }, forget: { registry.remove(declaration, $0) })
    }

    public subscript(_ values: String...) -> Counter { family[values] }
}

/// Gauges of one name: `lag["3", "daifa.orders"].set(7)`.
public struct GaugeFamily: Sendable {
    private let family: MetricFamily<Gauge>

    public init(_ registry: Metrics, _ name: MetricName) { self.init(registry, name.declaration) }

    init(_ registry: Metrics, _ declaration: MetricDeclaration) {
        family = MetricFamily({ registry.gauge(declaration, $0) }, forget: { registry.remove(declaration, $0) })
    }

    public subscript(_ values: String...) -> Gauge { family[values] }

    /// Serves the others no more: what they say is out of date, such as the lag of a shard that is somebody else's.
    public func keep(_ isKept: ([String]) -> Bool) { family.keep(isKept) }
}

/// Histograms of one name.
public struct HistogramFamily: Sendable {
    private let family: MetricFamily<Histogram>

    public init(_ registry: Metrics, _ name: MetricName) {
        let declaration = name.declaration
        family = MetricFamily({ registry.histogram(declaration, $0) }, forget: { registry.remove(declaration, $0) })
    }

    public subscript(_ values: String...) -> Histogram { family[values] }
}
