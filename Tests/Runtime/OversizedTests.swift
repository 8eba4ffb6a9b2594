import Contracts
import Foundation
import Kafka
import TestSupport
import Testing

extension ProcessSuite {
    /// Messages as large as the broker takes, whose answers would be larger: none of them stops its shard.
    @Suite struct OversizedTests {
        static let large = 990_000

        @Test func noneStopsItsShard() async throws {
            let (process, client) = try await onThread {
                let bench = try Bench.shared()
                let process = try bench.start(.binding)
                try process.awaitReady()
                return (process, try Client(bench.broker.configuration))
            }
            defer { process.kill() }
            let cast = Cast()
            let filler = { (count: Int) in String(repeating: "x", count: count) }
            let command = Outgoing.command(cast.registerMerchant, as: cast.asMerchant)
            var unnamed = command.setting(EnvelopeHeader.type, nil)
            unnamed.key = Array((uniqueName("key") + filler(Self.large)).utf8)
            unnamed.value = Array("{}".utf8)
            var structured = command
            structured.headers = [Header(name: EnvelopeHeader.contentType, value: Array("application/cloudevents+json".utf8))]
            structured.value = Array(#"{"id":"\#(uniqueName("id"))","type":"\#(filler(Self.large))","data":{}}"#.utf8)
            // One character of a megabyte.
            var accents = structured
            accents.value = Array(
                #"{"id":"\#(uniqueName("id"))","type":"a\#(String(repeating: "\u{301}", count: Self.large / 2))","data":{}}"#.utf8)
            let messages: [(String, Outgoing)] = [
                ("too-large", command.setting(EnvelopeHeader.id, uniqueName("id") + filler(400_000))),
                ("too-large", command.setting(EnvelopeHeader.correlationId, uniqueName("id") + filler(Self.large))),
                ("too-large", command.setting(EnvelopeHeader.traceparent, uniqueName("id") + filler(Self.large))),
                ("unknown-type", command.setting(EnvelopeHeader.type, uniqueName("type") + filler(Self.large))),
                ("missing-type", unnamed), ("unknown-type", structured), ("unknown-type", accents),
            ]
            for (reason, message) in messages {
                let mark = uniqueName("mark")
                try await client.send(message.setting("x-mark", mark))
                let dead = try await client.first("a dead letter \(reason)", within: 30) {
                    $0.topic == ServiceName.binding.dead && $0.header("x-mark") == mark
                }
                #expect(dead.header("x-dead-reason") == reason)
            }
            #expect(process.isRunning)
            let answer = try await client.answer(to: .command(cast.registerMerchant, as: cast.asMerchant))
            #expect(answer.name == "merchant-registered")
            try await onThread { try process.stop() }
        }
    }
}
