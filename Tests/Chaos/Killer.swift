import Contracts
import Foundation
import Kafka
import TestSupport
import Threads

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

/// A process that is killed, and started again in the same place.
struct Victim: Sendable {
    /// What is counted together: a service, the console, or the partners' sandbox.
    let kind: String
    let start: @Sendable () throws -> ServiceProcess
}

extension Bench {
    /// Replicas of services.
    func victims(_ services: [ServiceName], replicas: Int = 1, environment: [String: String]) -> [Victim] {
        services.flatMap { service in
            (1...replicas).map { index in
                Victim(kind: service.rawValue) {
                    try self.start(service, instance: "\(service.rawValue)-\(index)", environment: environment)
                }
            }
        }
    }
}

/// Keeps processes running, and kills them (SIGKILL) at random moments, each of them again and again.
final class Killer: Sendable {
    struct Count {
        var kills: [String: Int] = [:]
        var brokerKills = 0
        /// Outbox rows that a new process found unpublished.
        var recovered = 0
        var failure: String?
        /// Processes that ended by themselves.
        var ended: [String] = []
        var isStopping = false
        var isDone = false

        /// `17 kills (allocation 5, …)`
        var text: String {
            let each = kills.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            return "\(kills.values.reduce(0, +)) kills (\(each))"
        }
    }

    private struct Kept {
        var victim: Victim
        var process: ServiceProcess
        var kills = 0
    }

    let count = Monitor(Count())
    private let broker: Broker
    private let kept: Monitor<[Kept]>

    /// Starts everything and waits until it is ready. Blocking.
    /// - Parameter broker: what to kill beside the victims, if that is asked for.
    init(_ victims: [Victim], broker: Broker) throws {
        self.broker = broker
        let started = try victims.map { Kept(victim: $0, process: try $0.start()) }
        for one in started { try one.process.awaitReady(timeout: 120) }
        kept = Monitor(started)
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
        let all = kept.withLock { $0 }
        // Now anyone, now the one that was killed least: nobody is spared for long.
        let index =
            Bool.random(using: &generator)
            ? all.indices.randomElement(using: &generator) : all.indices.min { all[$0].kills < all[$1].kills }
        guard let index else { return }
        var one = all[index]
        one.kills += 1
        if !one.process.isRunning { count.update { $0.ended.append(Self.lastWords(one.process)) } }
        one.process.kill()
        count.update { count in
            count.kills[one.victim.kind, default: 0] += 1
            count.recovered += one.process.recovered
        }
        one.process = try one.victim.start()
        kept.update { $0[index] = one }
    }

    private func killBroker(_ number: Int, away seconds: Double) throws {
        try broker.kill(broker: number)
        count.update { $0.brokerKills += 1 }
        _ = count.wait(until: .after(seconds)) { $0.isStopping }
        try broker.restart(broker: number)
    }

    /// Waits until nothing is killed any more; all processes run on. Blocking.
    func stopKilling() {
        count.update { $0.isStopping = true }
        _ = count.wait { $0.isDone }
    }

    /// Ends every process with SIGTERM. Blocking.
    func stop() throws {
        for process in kept.withLock({ $0.map(\.process) }) {
            if !process.isRunning { count.update { $0.ended.append(Self.lastWords(process)) } }
            count.update { $0.recovered += process.recovered }
            if process.isRunning { try process.stop() }
        }
    }

    /// What the processes that run now have said lately.
    var lastLines: String {
        kept.withLock { $0.map(\.process) }.map { "\($0.instance):\n" + $0.errorLines.suffix(8).joined(separator: "\n") }.joined(
            separator: "\n")
    }

    private static func lastWords(_ process: ServiceProcess) -> String {
        "\(process.instance): \(process.errorLines.suffix(5).joined(separator: "\n"))"
    }
}
