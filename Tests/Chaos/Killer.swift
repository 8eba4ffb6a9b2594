import Contracts
import Foundation
import Kafka
import TestSupport

/// Random numbers that a seed makes again (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// Keeps replicas of services running, and kills them (SIGKILL) at random moments, each of them again and again.
final class Killer: Sendable {
    struct Count {
        var kills: [ServiceName: Int] = [:]
        var brokerKills = 0
        /// Outbox rows that a new process found unpublished.
        var recovered = 0
        var failure: String?
        /// Processes that ended by themselves.
        var ended: [String] = []
        var isStopping = false
        var isDone = false
    }

    private struct Replica {
        var service: ServiceName
        var instance: String
        var process: ServiceProcess
    }

    let count = Monitor(Count())
    private let bench: Bench
    private let replicas: Monitor<[Replica]>
    private let environment: [String: String]

    /// Starts everything and waits until it is ready. Blocking.
    init(_ bench: Bench, services: [ServiceName], replicas number: Int, environment: [String: String]) throws {
        self.bench = bench
        self.environment = environment
        var started: [Replica] = []
        for service in services {
            for index in 1...number {
                let instance = "\(service.rawValue)-\(index)"
                let process = try bench.start(service, instance: instance, environment: environment)
                started.append(Replica(service: service, instance: instance, process: process))
            }
        }
        for replica in started { try replica.process.awaitReady(timeout: 120) }
        replicas = Monitor(started)
    }

    /// Kills until it is told to stop.
    /// - Parameters:
    ///   - pause: seconds between two kills.
    ///   - brokers: how many brokers there are to kill, one at a time; 0: none is killed.
    func start(seed: UInt64, pause: ClosedRange<Double>, brokers: Int = 0) throws {
        try NamedThread("killer") { [self] in
            var generator = SeededGenerator(seed: seed)
            do {
                while !count.wait(until: .after(.random(in: pause, using: &generator)), { $0.isStopping }) {
                    try killOne(&generator)
                    if brokers > 0, Int.random(in: 0..<8, using: &generator) == 0 {
                        try killBroker(Int.random(in: 1...brokers, using: &generator), away: .random(in: 0.5...6, using: &generator))
                    }
                }
            } catch { count.update { $0.failure = "\(error)" } }
            count.update { $0.isDone = true }
        }.detach()
    }

    private func killOne(_ generator: inout SeededGenerator) throws {
        let index = replicas.withLock { Int.random(in: 0..<$0.count, using: &generator) }
        var replica = replicas.withLock { $0[index] }
        if !replica.process.isRunning { count.update { $0.ended.append(Self.lastWords(replica)) } }
        replica.process.kill()
        count.update { count in
            count.kills[replica.service, default: 0] += 1
            count.recovered += replica.process.recovered
        }
        replica.process = try bench.start(replica.service, instance: replica.instance, environment: environment)
        replicas.update { $0[index] = replica }
    }

    private func killBroker(_ number: Int, away seconds: Double) throws {
        try bench.broker.kill(broker: number)
        count.update { $0.brokerKills += 1 }
        _ = count.wait(until: .after(seconds)) { $0.isStopping }
        try bench.broker.restart(broker: number)
    }

    /// Waits until nothing is killed any more; all processes run on. Blocking.
    func stopKilling() {
        count.update { $0.isStopping = true }
        _ = count.wait { $0.isDone }
    }

    /// Ends every process with SIGTERM. Blocking.
    func stop() throws {
        for replica in replicas.withLock({ $0 }) {
            if !replica.process.isRunning { count.update { $0.ended.append(Self.lastWords(replica)) } }
            count.update { $0.recovered += replica.process.recovered }
            if replica.process.isRunning { try replica.process.stop() }
        }
    }

    /// What the processes that run now have said lately.
    var lastLines: String {
        replicas.withLock { $0 }.map { "\($0.instance):\n" + $0.process.errorLines.suffix(8).joined(separator: "\n") }.joined(
            separator: "\n")
    }

    private static func lastWords(_ replica: Replica) -> String {
        "\(replica.instance): \(replica.process.errorLines.suffix(5).joined(separator: "\n"))"
    }
}
