import Synchronization
public import Threads

/// Tells a collector the traces that its sampler chooses. Who records a span never waits: spans go into a queue with a bound, which a thread of
/// its own empties; what finds it full, or what the collector does not take, is dropped and counted.
public final class Tracer: Sendable {
    /// Sends a document; false when it was not taken. Blocks within its own time limit.
    public typealias Export = @Sendable (_ document: [UInt8]) -> Bool

    /// Spans that wait at most, those of one document, and the seconds that a span waits for others.
    public struct Limits: Sendable {
        public var queue = 8192
        public var document = 512
        public var patience = 1.0

        public init() {}
    }

    private struct State {
        var spans: [Span] = []
        var isStopping = false
    }

    private let sampler: TraceSampler
    private let limits: Limits
    private let document: SpanDocument
    private let export: Export
    private let state = Monitor(State())
    private let exported = Atomic(0)
    private let dropped = Atomic(0)
    private let thread = Mutex<NamedThread?>(nil)

    /// The thread ends with ``stop()``.
    /// - Parameter resource: what tells this process from others: `service.name`, `service.instance.id`.
    public init(
        _ sampler: TraceSampler, resource: [Span.Attribute], version: String, limits: Limits = Limits(), metrics: Metrics,
        export: @escaping Export
    ) throws(ThreadError) {
        self.sampler = sampler
        self.limits = limits
        document = SpanDocument(resource: resource, version: version)
        self.export = export
        metrics.reading(.spansExported) { [self] in Double(exported.load(ordering: .relaxed)) }
        metrics.reading(.spansDropped) { [self] in Double(dropped.load(ordering: .relaxed)) }
        let started = try NamedThread("traces") { [self] in while exportNext() {} }
        thread.withLock { $0 = started }
    }

    // MARK: For whoever works

    /// A step that follows from a message or a request; nil when its trace is not told.
    /// - Parameters:
    ///   - traceparent: as it came; nil: none.
    ///   - mayBegin: whether a trace begins here when there is none.
    public func begin(after traceparent: String?, mayBegin: Bool) -> SpanStart? {
        if let traceparent, let parent = TraceContext(traceparent) {
            guard sampler.tells(low: parent.low, parent: parent.isSampled) else { return nil }
            return SpanStart(
                TraceContext(high: parent.high, low: parent.low, span: Self.id, isSampled: true), parent: parent.span)
        }
        guard mayBegin else { return nil }
        let low = Self.id
        guard sampler.tells(low: low, parent: nil) else { return nil }
        return SpanStart(TraceContext(high: Self.id, low: low, span: Self.id, isSampled: true), parent: nil)
    }

    /// A step within another of this process, which began when `nanoseconds` says.
    public func child(of context: TraceContext, nanoseconds: Int) -> SpanStart {
        SpanStart(
            TraceContext(high: context.high, low: context.low, span: Self.id, isSampled: true), parent: context.span,
            nanoseconds: nanoseconds)
    }

    /// Takes spans that have ended.
    public func record(_ spans: [Span]) {
        guard !spans.isEmpty else { return }
        let (left, wakes) = state.withLock { state in
            let room = max(0, limits.queue - state.spans.count)
            let before = state.spans.count
            state.spans.append(contentsOf: spans.prefix(room))
            // The thread waits for the first of a document, and for its last.
            return (spans.count - min(room, spans.count), before == 0 || before < limits.document && state.spans.count >= limits.document)
        }
        if left > 0 { dropped.add(left, ordering: .relaxed) }
        if wakes { state.notify() }
    }

    private static var id: UInt64 { UInt64.random(in: 1...UInt64.max) }

    /// Sends what waits, once, and ends the thread.
    public func stop() {
        state.update { $0.isStopping = true }
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    // MARK: On its own thread

    /// - Returns: false when nothing is left and it is to stop.
    private func exportNext() -> Bool {
        _ = state.wait { $0.isStopping || !$0.spans.isEmpty ? true : nil }
        _ = state.wait(until: .after(limits.patience)) { $0.isStopping || $0.spans.count >= limits.document ? true : nil }
        let (spans, isLast) = state.withLock { state in
            let taken = Array(state.spans.prefix(limits.document))
            state.spans.removeFirst(taken.count)
            return (taken, state.isStopping && state.spans.isEmpty)
        }
        if !spans.isEmpty {
            let isTaken = export(document.bytes(spans))
            if isTaken { exported.add(spans.count, ordering: .relaxed) } else { dropped.add(spans.count, ordering: .relaxed) }
            // Nobody waits for the end of a process because a collector is away.
            if !isTaken, state.withLock({ $0.isStopping }) { return false }
        }
        return !isLast
    }
}
