import Contracts
import Foundation
import Kafka
import TestSupport
import Testing

extension ProcessSuite {
    /// `open-label` is taken with a valid `daifa-mac` alone, also with `DAIFA_AUTH=off`.
    @Suite struct RequiredCodeTests {
        private static func command(_ orderId: String = uniqueName("order")) -> Outgoing {
            let command = OpenLabel(
                orderId: orderId, allocationId: "\(orderId)/1", factoryShopId: "f", jobId: "job",
                publicKey: String(repeating: "A", count: 43) + "=")
            return .command(command, as: Actor(.service, "console"))
        }

        private static func start(_ environment: [String: String]) async throws -> (ServiceProcess, Client) {
            try await onThread {
                let bench = try Bench.shared()
                let process = try bench.start(.waybill, environment: environment)
                try process.awaitReady()
                return (process, try Client(bench.broker.configuration))
            }
        }

        @Test func aNameIsNotEnough() async throws {
            let (key, stranger) = (try ServiceKey(), try ServiceKey(id: "other"))
            let keyFile = try TemporaryText(key.line)
            defer { withExtendedLifetime(keyFile) {} }
            let (process, client) = try await Self.start(["DAIFA_SERVICE_KEY_FILE": keyFile.path])
            defer { process.kill() }
            for forged in [
                Self.command(), stranger.signed(Self.command()),
                key.signed(Self.command()).setting(EnvelopeHeader.id, uniqueName("copied")),
            ] {
                let refused = try await client.answer(to: forged).refused
                #expect(refused?.code == .unauthorized && refused?.actor == nil)
            }
            // Its sender is believed; there is no such parcel.
            #expect(try await client.answer(to: key.signed(Self.command())).refused?.code == .notFound)
            try await onThread { try process.stop() }
        }

        /// Once its sender is proven, what is wrong is told as of any command.
        @Test func theRestIsLookedAtAsOfAnyCommand() async throws {
            let key = try ServiceKey()
            let keyFile = try TemporaryText(key.line)
            defer { withExtendedLifetime(keyFile) {} }
            let (process, client) = try await Self.start(["DAIFA_SERVICE_KEY_FILE": keyFile.path])
            defer { process.kill() }
            for actor in [Actor(.service, "shipping"), Actor(.factory, "f"), Actor(.merchant, "f"), Actor(.operator, "console")] {
                let command = key.signed(Self.command().setting(EnvelopeHeader.actor, actor.description))
                #expect(try await client.answer(to: command).refused?.code == .forbidden, "\(actor)")
            }
            let nobody = try await client.answer(to: key.signed(Self.command().setting(EnvelopeHeader.actor, nil))).refused
            #expect(nobody?.code == .unauthorized)
            var elsewhere = Self.command()
            elsewhere.key = Array(uniqueName("wrong").utf8)
            let wrongKey = try await client.answer(to: key.signed(elsewhere)).refused
            #expect(wrongKey?.code == .invalid && wrongKey?.field == "key")
            var empty = Self.command()
            empty.value = Array("{}".utf8)
            let incomplete = try await client.answer(to: key.signed(empty)).refused
            #expect(incomplete?.code == .invalid && incomplete?.field == "orderId")
            try await onThread { try process.stop() }
        }

        /// What lies elsewhere is carried, but never signed for a stranger.
        @Test func carryingProvesNothing() async throws {
            let key = try ServiceKey()
            let keyFile = try TemporaryText(key.line)
            defer { withExtendedLifetime(keyFile) {} }
            let (process, client) = try await Self.start(["DAIFA_SERVICE_KEY_FILE": keyFile.path])
            defer { process.kill() }
            func misplaced(_ sign: (Outgoing) -> Outgoing, withKey: Bool) -> Outgoing {
                let orderId = uniqueName("order")
                var command = Self.command(orderId)
                command.partition = (Partitioner.partition(forKey: orderId, count: 6) + 1) % 6
                if !withKey { command.key = nil }
                return sign(command)
            }
            for withKey in [true, false] {
                #expect(try await client.answer(to: misplaced({ $0 }, withKey: withKey)).refused?.code == .unauthorized)
                #expect(try await client.answer(to: misplaced(key.signed, withKey: withKey)).refused?.code == .notFound)
            }
            try await onThread { try process.stop() }
        }

        @Test func withoutKeysNobodyIsBelieved() async throws {
            let key = try ServiceKey()
            let (process, client) = try await Self.start([:])
            defer { process.kill() }
            let refused = try await client.answer(to: key.signed(Self.command())).refused
            #expect(refused?.code == .unauthorized && refused?.message.contains("DAIFA_SERVICE_KEY_FILE") == true)
            try await onThread { try process.stop() }
        }
    }
}
