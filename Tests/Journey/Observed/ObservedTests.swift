import Contracts
import Foundation
import Observability
import TestSupport
import Testing
import Threads

extension JourneySuite {
    /// What operators see of a journey: traces at a collector, metrics of every service. The services are a test's own.
    @Suite(.enabled(if: Broker.canBeStarted, "needs a broker of its own: set KAFKA_HOME to a folder with the start script `kafka`"))
    struct ObservedTests {
        private static let begun = (trace: "4bf92f3577b34da6a3ce929d0e0e4736", span: "00f067aa0ba902b7")
        private static var traceparent: String { "00-\(begun.trace)-\(begun.span)-01" }

        @Test func oneOrdersTraceIsWholeOverSeveralServicesAndMetricsAreTheDeclaredOnes() async throws {
            let collector = try TraceCollector()
            let system = try await onThread {
                try System(
                    broker: Broker.start(),
                    environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_TRACES_SAMPLER": "parentbased_always_off"])
            }
            defer { try? FileManager.default.removeItem(at: system.store) }
            let scenario = Scenario(system: system, cast: Cast())
            try await scenario.register()
            try await scenario.bind()
            let (orderId, _) = try await scenario.ready()
            #expect(collector.spans.isEmpty, "nobody has asked for a trace")
            let ship = scenario.merchant(scenario.cast.ship(orderId)).setting("traceparent", Self.traceparent)
            try await scenario.accepted(ship)
            let passedOn = try await scenario.client.event(AllocationSealed.self, key: orderId).header("traceparent")
            #expect(passedOn?.contains(Self.begun.trace) == true && passedOn != Self.traceparent, "it follows from a step of its own")

            let services: Set = ["daifa-shipping", "daifa-allocation", "daifa-waybill"]
            #expect(try await onThread { eventually(within: 20) { Set(collector.spans.map(\.service)).isSuperset(of: services) } })
            let spans = collector.spans
            #expect(Set(spans.map(\.traceId)) == [Self.begun.trace])
            #expect(Set(spans.map(\.spanId)).count == spans.count)
            let known = Set(spans.map(\.spanId)).union([Self.begun.span])
            #expect(spans.allSatisfy { $0.parentId.map { known.contains($0) } ?? false }, "it is whole: each step is below another")
            let first = spans.filter { $0.parentId == Self.begun.span }
            #expect(first.map(\.name) == ["process \(Ship.type)"] && first.first?.service == "daifa-shipping")
            #expect(spans.contains { $0.name == "publish" && $0.kind == 4 && $0.parentId == first.first?.spanId })
            #expect(spans.contains { $0.name == "process \(Seal.type)" && $0.service == "daifa-allocation" })
            try await metricsAreDeclared(system)
        }

        /// A running system serves nothing that is not declared, and everything of a process that is not made of labels.
        private func metricsAreDeclared(_ system: TestSupport.System) async throws {
            let declared = Dictionary(uniqueKeysWithValues: MetricName.allCases.map { ($0.rawValue, $0.declaration) })
            for service in ServiceName.domainServices {
                let text = try await onThread { try #require(system[service]?.get("/metrics")).body }
                #expect(text.hasSuffix("\n"))
                var family: MetricDeclaration?
                var seen: Set<String> = []
                var finished: Set<String> = []
                for line in text.split(separator: "\n") {
                    let words = line.split(separator: " ", maxSplits: 3).map(String.init)
                    if words[0] == "#" {
                        if words[1] == "HELP" { #expect(finished.insert(words[2]).inserted, "\(words[2]) is served in two pieces") }
                        family = declared[words[2]]
                        #expect(family != nil, "\(service): \(words[2])")
                        continue
                    }
                    let name = String(line.prefix { $0 != "{" && $0 != " " })
                    #expect(family?.seriesNames.contains(name) == true, "\(service): \(line)")
                    let series = String(line.prefix(upTo: line.lastIndex(of: " ") ?? line.endIndex))
                    #expect(seen.insert(series).inserted, "\(service): \(series) is served twice")
                    for label in family?.labels ?? [] { #expect(series.contains("\(label)=\""), "\(line)") }
                }
                let own = MetricName.allCases.map(\.declaration).filter { [.all, .services].contains($0.processes) && $0.labels.isEmpty }
                #expect(Set(own.map(\.name)).isSubset(of: finished), "\(service): \(Set(own.map(\.name)).subtracting(finished))")
            }
        }
    }
}
