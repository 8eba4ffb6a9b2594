import Contracts
import Foundation
import Kafka
import TestSupport
import Testing

extension ProcessSuite {
    /// What lies in a wrong partition is carried to the right one exactly once, whatever dies between its reading and its publishing.
    @Suite struct CarryingTests {
        /// Each order lies in a partition that is not its key's, or has no key.
        private static func misplaced(_ number: Int, _ cast: Cast, _ prefix: String) -> Outgoing {
            var fact = Outgoing.fact(cast.placed("\(prefix)-\(number)"))
            let right = Partitioner.partition(forKey: "\(prefix)-\(number)", count: 6)
            fact.partition = (right + 1 + Int32(number % 5)) % 6
            if number % 3 == 0 { fact.key = nil }
            return fact
        }

        private static func send(_ facts: [Outgoing], _ bench: Bench) throws {
            let producer = try Producer(bench.broker.configuration)
            for fact in facts {
                try producer.send(topic: fact.topic, partition: fact.partition, key: fact.key, value: fact.value, headers: fact.headers)
            }
            try producer.flush(timeout: 30)
            producer.close()
        }

        /// Killed again and again while it carries: each fact stands twice in its topic, as it was sent and as it was carried, and has one answer.
        @Test func aKillInBetweenLosesAndDoublesNothing() async throws {
            try await onThread {
                let bench = try Bench.shared()
                let (cast, prefix) = (Cast(), uniqueName("carried"))
                var process = try bench.start(.allocation)
                try process.awaitReady()
                var sent: [Outgoing] = []
                var carried = 0.0
                for round in 0..<6 {
                    let facts = (0..<300).map { Self.misplaced(round * 300 + $0, cast, prefix) }
                    try Self.send(facts, bench)
                    sent += facts
                    // Somewhere in the middle of it: the moment differs from round to round.
                    _ = eventually(within: 20) { (process.metric("daifa_carried_total") ?? 0) > Double(round * 40) }
                    carried += process.metric("daifa_carried_total") ?? 0
                    process.kill()
                    process = try bench.start(.allocation)
                }
                defer { process.kill() }
                try process.awaitReady()
                let ids = sent.map(\.id)
                let answered = eventually(within: 60) {
                    let log = try? EventLog(bench.broker.configuration, topics: [ServiceName.allocation.events])
                    return log?.unanswered(ids, by: .allocation, name: "order-registered").missing.isEmpty == true
                }
                #expect(answered && carried > 0)
                try process.stop()
                let log = try EventLog(bench.broker.configuration, topics: [ServiceName.allocation.events, Topics.orders])
                let (missing, doubled) = log.unanswered(ids, by: .allocation, name: "order-registered")
                #expect(missing.isEmpty && doubled.isEmpty, "\(missing.count) lost, \(doubled.count) doubled")
                let written = Dictionary(grouping: log.events.filter { $0.topic == Topics.orders }, by: { $0.id ?? "" })
                for fact in sent {
                    let records = written[fact.id] ?? []
                    #expect(records.count == 2, "\(fact.id): \(records.count) records")
                    let last = try #require(records.first { $0.message.partition != fact.partition })
                    #expect(last.message.partition == Partitioner.partition(forKey: last.key ?? "", count: 6))
                    #expect(last.message.headers == fact.headers && last.message.value == fact.value)
                }
            }
        }

        /// A token is checked by the reader of a misplaced command, who then signs for its sender: the token stays where it is.
        @Test func aCarriedCommandIsSignedForItsSender() async throws {
            let issuer = try TokenIssuer()
            let keys = try TemporaryFile(TokenIssuer.keySet(issuer))
            defer { withExtendedLifetime(keys) {} }
            let path = keys.path
            let key = try ServiceKey()
            let keyFile = try TemporaryText(key.line)
            defer { withExtendedLifetime(keyFile) {} }
            let (process, client) = try await onThread {
                let bench = try Bench.shared()
                let process = try bench.start(
                    .binding,
                    environment: ["DAIFA_AUTH": "required", "DAIFA_AUTH_KEYS": path, "DAIFA_SERVICE_KEY_FILE": keyFile.path])
                try process.awaitReady()
                return (process, try Client(bench.broker.configuration))
            }
            defer { process.kill() }
            for hasKey in [true, false] {
                let cast = Cast()
                // The token alone says who acts, also where ce_actor says otherwise.
                var command = Outgoing.command(cast.registerMerchant, as: Actor(.merchant, "somebody-else"))
                let right = Partitioner.partition(forKey: cast.merchant, count: 6)
                command.partition = (right + 1) % 6
                if !hasKey { command.key = nil }
                command = command.setting(EnvelopeHeader.user, "u-1")
                let unsigned = command.setting(EnvelopeHeader.id, uniqueName("cmd"))
                #expect(try await client.answer(to: unsigned).refused?.code == .unauthorized)
                let bearer = try issuer.bearer(of: "merchant:\(cast.merchant)")
                let answer = try await client.answer(to: command.setting(EnvelopeHeader.authorization, bearer))
                #expect(answer.name == "merchant-registered" && answer.header(EnvelopeHeader.behalf) == "merchant:\(cast.merchant)")
                #expect(answer.header(EnvelopeHeader.user) == nil, "only the deployment's own processes speak of persons")
                let id = command.id
                let records = Self.carried(client.seen { $0.topic == ServiceName.binding.commands && $0.id == id })
                #expect(records.map { $0.header(EnvelopeHeader.authorization) } == [bearer, nil])
                #expect(records.last.map { key.hasSigned($0) } == true)
            }
            try await onThread { try process.stop() }
        }

        /// The command as it was sent, and then as it was carried to its key's partition: a client may see either first.
        private static func carried(_ records: [Received]) -> [Received] {
            func isCarried(_ record: Received) -> Bool {
                record.key.map { Partitioner.partition(forKey: $0, count: 6) == record.message.partition } ?? false
            }
            return records.filter { !isCarried($0) } + records.filter(isCarried)
        }

        /// No token is copied to where nobody asks for one.
        @Test func withoutAuthenticationATokenStaysWhereItIs() async throws {
            let (process, client) = try await onThread {
                let bench = try Bench.shared()
                let process = try bench.start(.binding)
                try process.awaitReady()
                return (process, try Client(bench.broker.configuration))
            }
            defer { process.kill() }
            let cast = Cast()
            var command = Outgoing.command(cast.registerMerchant, as: cast.asMerchant).setting(EnvelopeHeader.authorization, "Bearer x")
            command.key = nil
            #expect(try await client.answer(to: command).name == "merchant-registered")
            let id = command.id
            let records = Self.carried(client.seen { $0.topic == ServiceName.binding.commands && $0.id == id })
            #expect(records.map { $0.header(EnvelopeHeader.authorization) } == ["Bearer x", nil])
            try await onThread { try process.stop() }
        }
    }
}
