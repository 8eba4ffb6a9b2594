import Contracts
import Foundation
import Kafka
import TestSupport
import Testing

/// Tests of whole processes: one after the other, on the broker and the stores of `Bench.shared()`. Each finds no service running and
/// leaves none; the stores go on belonging to the broker.
@Suite(.serialized, .enabled(if: Bench.isAvailable, Comment(rawValue: Bench.need)), .timeLimit(.minutes(5))) struct ProcessSuite {}

/// Runs the body with a flow of orders to allocation, then stops the flow and checks that each was registered once and nothing doubled.
/// Blocking; the services must be running, and run on.
func withOrderFlow(_ bench: Bench, rate: Double = 50, _ body: (OrderFlow) throws -> Void) throws {
    let flow = try OrderFlow(bench.broker.configuration, rate: rate)
    do { try body(flow) } catch {
        _ = try? flow.stop()
        throw error
    }
    let ids = try flow.stop()
    let log = try flow.log(answering: ids)
    let (missing, doubled) = log.unanswered(ids, by: .allocation, name: "order-registered")
    #expect(missing.isEmpty, "\(missing.count) of \(ids.count) orders are lost, for example \(missing.prefix(3))")
    #expect(doubled.isEmpty, "\(doubled.count) of \(ids.count) orders are registered twice, for example \(doubled.prefix(3))")
    #expect(log.doubledIds.isEmpty)
}
