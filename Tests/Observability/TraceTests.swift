import JSON
import Synchronization
import Testing
import Threads

@testable import Observability

@Suite struct TraceContextTests {
    private static let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test func aContextIsReadAndWritten() throws {
        let context = try #require(TraceContext(Self.text))
        #expect(
            context == TraceContext(high: 0x4bf9_2f35_77b3_4da6, low: 0xa3ce_929d_0e0e_4736, span: 0xf067_aa0b_a902_b7, isSampled: true))
        #expect(context.traceparent == Self.text)
        let small = TraceContext(high: 0, low: 1, span: 2, isSampled: false)
        #expect(small.traceparent == "00-00000000000000000000000000000001-0000000000000002-00")
        #expect(TraceContext(small.traceparent) == small)
        #expect(TraceContext("cc" + Self.text.dropFirst(2) + "-what-comes-later") != nil, "a later version is read as far as 00 goes")
    }

    @Test(arguments: [
        "", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7", "ff" + text.dropFirst(2), text + "-more", text.uppercased(),
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        text.replacing("-", with: "_"), "0g" + text.dropFirst(2),
    ])
    func whatIsNoneIsNotRead(_ text: String) { #expect(TraceContext(text) == nil) }

    @Test func aRatioIsJudgedAlikeEverywhereAndAParentIsFollowed() {
        let half = TraceSampler(.parentRatio, ratio: 0.5)
        #expect(half.tells(low: 1 << 62 - 1, parent: nil) && !half.tells(low: 1 << 62, parent: nil))
        #expect(half.tells(low: .max, parent: true) && !half.tells(low: 0, parent: false))
        #expect(!TraceSampler(.ratio, ratio: 0.5).tells(low: 1 << 62, parent: true))
        #expect(TraceSampler(.alwaysOn, ratio: 0).tells(low: .max, parent: false))
        #expect(!TraceSampler(.parentAlwaysOff, ratio: 1).tells(low: 0, parent: nil))
    }
}

/// A collector that a test lets go on.
private final class HeldCollector: Sendable {
    private struct State {
        var documents: [[UInt8]] = []
        var isOpen = false
        var takes = true
    }
    private let state = Monitor(State())

    func take(_ document: [UInt8]) -> Bool {
        state.update { $0.documents.append(document) }
        return state.wait { $0.isOpen ? $0.takes : nil } ?? false
    }

    func open(takes: Bool = true) {
        state.update { state in
            state.isOpen = true
            state.takes = takes
        }
    }

    func awaitDocument() { _ = state.wait { $0.documents.isEmpty ? nil : true } }
    var spans: [JSONValue] {
        get throws {
            try state.withLock { $0.documents }.flatMap { document in
                try JSONValue.decode(document)["resourceSpans"]?[0]?["scopeSpans"]?[0]?["spans"]?.array ?? []
            }
        }
    }
}

@Suite struct TracerTests {
    private let collector = HeldCollector()
    private let metrics = Metrics()

    private func tracer(queue: Int = 8, _ sampler: TraceSampler.Name = .parentAlwaysOn) throws -> Tracer {
        var limits = Tracer.Limits()
        (limits.queue, limits.document, limits.patience) = (queue, 4, 0)
        let collector = collector
        return try Tracer(
            TraceSampler(sampler, ratio: 1), resource: [.init("service.name", "daifa-\"test\"")], version: "1", limits: limits,
            metrics: metrics
        ) { collector.take($0) }
    }

    @Test func whatFollowsIsOfTheSameTraceAndBelowItsParent() throws {
        let tracer = try tracer()
        collector.open()
        let root = try #require(tracer.begin(after: nil, mayBegin: true))
        let next = try #require(tracer.begin(after: root.context.traceparent, mayBegin: false))
        tracer.record([
            next.ended("process x", .consumer, isError: true, [.init("a", "é\""), .init("n", 7)]), root.ended("GET y", .server, []),
        ])
        tracer.stop()
        let spans = try collector.spans
        #expect(spans.map { $0["name"]?.string } == ["process x", "GET y"])
        #expect(spans[0]["traceId"] == spans[1]["traceId"] && spans[0]["parentSpanId"] == spans[1]["spanId"])
        #expect(spans[1]["parentSpanId"] == nil && spans[0]["kind"]?.int == 5 && spans[1]["kind"]?.int == 2)
        #expect(spans[0]["status"]?["code"]?.int == 2 && spans[1]["status"] == nil)
        #expect(spans[0]["attributes"]?[0]?["value"]?["stringValue"]?.string == "é\"")
        #expect(spans[0]["attributes"]?[1]?["value"]?["intValue"]?.string == "7")
        #expect(metrics.text.contains("daifa_spans_exported_total 2\n"))
    }

    @Test func aTraceThatIsNotToldIsPassedOnAsItIs() throws {
        let tracer = try tracer()
        defer { tracer.stop() }
        collector.open()
        #expect(tracer.begin(after: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", mayBegin: true) == nil)
        #expect(tracer.begin(after: nil, mayBegin: false) == nil)
        #expect(tracer.begin(after: "nonsense", mayBegin: true)?.parent == nil)
    }

    /// A collector that takes nothing holds nobody up, and costs no more memory than the queue.
    @Test func aFullQueueDropsAndCounts() throws {
        let tracer = try tracer(queue: 8)
        let span = try #require(tracer.begin(after: nil, mayBegin: true)).ended("x", .inside, [])
        tracer.record([span])
        collector.awaitDocument()
        for _ in 0..<5 { tracer.record([span, span, span]) }
        collector.open(takes: false)
        tracer.stop()
        let text = metrics.text
        #expect(text.contains("daifa_spans_exported_total 0\n"))
        // One was refused; eight waited, of which four were tried when it was told to stop; seven found no room.
        let dropped = text.split(separator: "\n").first { $0.hasPrefix("daifa_spans_dropped_total ") }?.split(separator: " ").last
        #expect((dropped.flatMap { Int($0) } ?? 0) >= 8)
    }
}
