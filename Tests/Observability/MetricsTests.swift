import Foundation
import Testing

@testable import Observability

extension MetricDeclaration {
    fileprivate static let bees = MetricDeclaration("b_total", .counter, .records, labels: ["kind"], "Bees.")
    fileprivate static let some = MetricDeclaration("a", .gauge, .records, "Of it.")
    fileprivate static let sees = MetricDeclaration("c_seconds", .histogram(bounds: [0.5, 1]), .seconds, "Sees.")
    fileprivate static let calls = MetricDeclaration("calls_total", .counter, .calls, labels: ["partner", "result"], "Calls.")
    fileprivate static let lags = MetricDeclaration("lag", .gauge, .records, labels: ["shard"], "Lag.")
}

@Suite struct MetricsTests {
    @Test func theTextIsThatOfPrometheus() {
        let metrics = Metrics()
        metrics.counter(.bees, ["a\"\\\n"]).increment(by: 2)
        metrics.gauge(.some, []).set(-3)
        let histogram = metrics.histogram(.sees, [])
        for value in [0.25, 0.5, 0.75, 4] { histogram.observe(value) }
        #expect(
            metrics.text == """
                # HELP a Of it.
                # TYPE a gauge
                a -3
                # HELP b_total Bees.
                # TYPE b_total counter
                b_total{kind="a\\"\\\\\\n"} 2
                # HELP c_seconds Sees.
                # TYPE c_seconds histogram
                c_seconds_bucket{le="0.5"} 2
                c_seconds_bucket{le="1.0"} 3
                c_seconds_bucket{le="+Inf"} 4
                c_seconds_sum 5.5
                c_seconds_count 4

                """)
    }

    @Test func aFamilyMakesAMetricOnceForEachSetOfValues() {
        let metrics = Metrics()
        let calls = CounterFamily(metrics, .calls)
        #expect(metrics.text == "")
        for _ in 1...3 { calls["jd", "ok"].increment() }
        calls["jd", "no"].increment()
        #expect(calls["jd", "ok"] === calls["jd", "ok"] && calls["jd", "ok"] !== calls["jd", "no"])
        // The registry knows them under the same labels.
        #expect(metrics.counter(.calls, ["jd", "ok"]) === calls["jd", "ok"])
        let lags = GaugeFamily(metrics, .lags)
        lags["3"].set(7)
        #expect(metrics.text.contains("calls_total{partner=\"jd\",result=\"ok\"} 3\n"))
        #expect(metrics.text.contains("lag{shard=\"3\"} 7\n"))
        lags["4"].set(8)
        lags.keep { $0 == ["4"] }
        #expect(!metrics.text.contains("lag{shard=\"3\"}") && metrics.text.contains("lag{shard=\"4\"} 8\n"))
        lags["3"].set(1)
        #expect(metrics.text.contains("lag{shard=\"3\"} 1\n"), "it is ours again")
    }

    @Test func oneNameAndLabelsIsOneMetric() {
        let metrics = Metrics()
        let first = metrics.counter(.bees, ["1"])
        first.increment()
        metrics.counter(.bees, ["1"]).increment()
        metrics.counter(.bees, ["2"]).increment()
        #expect(first.value == 2)
        #expect(metrics.text.components(separatedBy: "# TYPE").count == 2)
    }

    @Test func countersCountFromManyThreads() {
        let counter = Metrics().counter(.records)
        DispatchQueue.concurrentPerform(iterations: 8) { _ in for _ in 0..<10_000 { counter.increment() } }
        #expect(counter.value == 80_000)
    }
}
