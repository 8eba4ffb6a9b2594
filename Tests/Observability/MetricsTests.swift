import Foundation
import Testing

@testable import Observability

@Suite struct MetricsTests {
    @Test func theTextIsThatOfPrometheus() {
        let metrics = Metrics()
        metrics.counter("b_total", "Bees.", labels: ["kind": "a\"\\\n"]).increment(by: 2)
        metrics.gauge("a", "Of it.").set(-3)
        let histogram = metrics.histogram("c_seconds", "Sees.", bounds: [0.5, 1])
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
        let calls = CounterFamily(metrics, "calls_total", "Calls.", labels: ["partner", "result"])
        #expect(metrics.text == "")
        for _ in 1...3 { calls["jd", "ok"].increment() }
        calls["jd", "no"].increment()
        #expect(calls["jd", "ok"] === calls["jd", "ok"] && calls["jd", "ok"] !== calls["jd", "no"])
        // The registry knows them under the same labels.
        #expect(metrics.counter("calls_total", "Calls.", labels: ["partner": "jd", "result": "ok"]) === calls["jd", "ok"])
        let lags = GaugeFamily(metrics, "lag", "Lag.", labels: ["shard"])
        lags["3"].set(7)
        #expect(metrics.text.contains("calls_total{partner=\"jd\",result=\"ok\"} 3\n"))
        #expect(metrics.text.contains("lag{shard=\"3\"} 7\n"))
    }

    @Test func oneNameAndLabelsIsOneMetric() {
        let metrics = Metrics()
        let first = metrics.counter("x_total", "X.", labels: ["a": "1"])
        first.increment()
        metrics.counter("x_total", "X.", labels: ["a": "1"]).increment()
        metrics.counter("x_total", "X.", labels: ["a": "2"]).increment()
        #expect(first.value == 2)
        #expect(metrics.text.components(separatedBy: "# TYPE").count == 2)
    }

    @Test func countersCountFromManyThreads() {
        let counter = Metrics().counter("x_total", "X.")
        DispatchQueue.concurrentPerform(iterations: 8) { _ in for _ in 0..<10_000 { counter.increment() } }
        #expect(counter.value == 80_000)
    }
}
