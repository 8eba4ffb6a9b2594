import Contracts
import Foundation
import Testing

@testable import Kafka
@testable import Runtime

/// Nothing is lost, doubled or wrong, whatever fails when; a few seeds here, any number by command (README.md).
struct WorldTests {
    private static func variable(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

    private static let seeds: [UInt64] = {
        let first = variable("DAIFA_SIMULATION_FIRST") ?? 1
        return (first..<first + (variable("DAIFA_SIMULATION_SEEDS") ?? 6)).map { UInt64($0) }
    }()
    /// With faults, of one world.
    private static let steps = variable("DAIFA_SIMULATION_STEPS") ?? 20_000

    /// One after the other: each has a thread of librdkafka's.
    @Test func everyMessageIsAnsweredOnce() throws {
        var steps = 0
        var answered = 0
        var crashes: [String: Int] = [:]
        let began = ContinuousClock.now
        for seed in Self.seeds {
            let world = World(seed: seed, scripts: Self.steps / 250)
            try world.run(steps: Self.steps)
            steps += world.steps
            answered += world.ledger.answered
            for (service, points) in world.crashes {
                for (point, count) in points { crashes["\(service.rawValue) \(point.rawValue)", default: 0] += count }
            }
        }
        let seconds = began.duration(to: .now) / .seconds(1)
        print(
            "\(Self.seeds.count) worlds: \(steps) steps in \(Int(seconds)) s, \(answered) answers, \(crashes.values.reduce(0, +)) crashes")
        if Self.seeds.count >= 50 {
            let missed = Self.points.filter { crashes[$0] == nil }
            #expect(missed.isEmpty, "no process has died at \(missed)")
        }
    }

    /// Every point of every service; effects have waybill and shipping alone, at that of waybill and shipping.
    private static let points = ["authorization", "binding", "allocation", "waybill", "shipping"].flatMap { service in
        CrashPoint.allCases.filter { !$0.rawValue.hasPrefix("effect") || ["waybill", "shipping"].contains(service) }.map {
            "\(service) \($0.rawValue)"
        }
    }

    @Test func aSeedReplays() throws {
        let runs = try (0..<2).map { _ in
            let world = World(seed: 99, scripts: 20)
            try world.run(steps: 5000)
            return [world.steps, world.ledger.answered, world.crashes.values.reduce(0) { $0 + $1.values.reduce(0, +) }]
        }
        #expect(runs[0] == runs[1])
    }
}

/// Each way to break the protocol is found within 100,000 steps.
struct BreakTests {
    private static let limit = 100_000

    /// Two that cover for each other: with one of them broken the other still holds, and nothing is to be found.
    private static let pairs: [Set<Break>] = [[.revokeReturnsEarly, .newestAssignment], [.noInitTransactions, .unstableOffsets]]

    @Test(arguments: pairs + Break.allCases.filter { place in !pairs.contains { $0.contains(place) } }.map { [$0] })
    func isFound(broken: Set<Break>) {
        let name = broken.map(\.rawValue).sorted().joined(separator: " and ")
        var steps = 0
        var seed: UInt64 = 0
        while steps < Self.limit {
            seed += 1
            let world = World(seed: seed, scripts: 40, broken: broken)
            do throws(World.Finding) { try world.run(steps: 10_000) } catch {
                return print("\(name): seed \(seed), step \(error.step), \(steps + error.step) in all: \(error.what)")
            }
            steps += world.steps
        }
        Issue.record("\(name) was not found in \(steps) steps")
    }
}

/// A store and a log that do not belong together end the process before anything is lost or doubled.
struct MismatchTests {
    private static let name = ServiceName.allocation

    /// A world without faults in which everything has come to its end.
    private static func world() throws -> World {
        let world = World(seed: 7, scripts: 30)
        try world.run(steps: 3000)
        return world
    }

    private static func service(_ world: World) throws -> SimulatedService {
        try #require(world.services.first { $0.name == name })
    }

    private static func expectEnd(_ world: World, _ text: String) throws {
        world.kill(name)
        let end = try #require(try world.awaitEnd())
        #expect(end.code == 78 && end.description.contains(text), "\(end)")
    }

    @Test func aStoreThatWasRestoredFromAnOlderCopy() throws {
        let world = try Self.world()
        let service = try Self.service(world)
        let copy = StoredShard(service.stored(0))
        try world.add(scripts: 30)
        #expect(copy.highest < service.stored(0).highest)
        service.replace(0, with: copy)
        try Self.expectEnd(world, "it was deleted or restored")
    }

    @Test func aStoreThatWasDeleted() throws {
        let world = try Self.world()
        try Self.service(world).replace(1, with: StoredShard())
        try Self.expectEnd(world, "it was deleted or restored")
    }

    @Test func aLogThatWasCutAndWrittenAnew() throws {
        let world = try Self.world()
        let place = TopicPartition(topic: Topics.orders, partition: 2)
        let log = try #require(world.kafka.logs[place])
        world.kafka.cut(place, to: log.count - 3)
        try Self.expectEnd(world, "lies outside of the log")
        let other = try Self.world()
        other.kafka.cut(place, to: log.count - 3)
        other.writeStrangers(5, to: place)
        try Self.expectEnd(other, "was cut before it and written anew")
    }

    @Test func aLogThatHasLostByAgeWhatWasNotRead() throws {
        let world = try Self.world()
        let place = TopicPartition(topic: Topics.orders, partition: 0)
        let count = try #require(world.kafka.logs[place]).count
        world.kafka.deleteBefore(place, count)
        world.kill(Self.name)
        try world.add(scripts: 20)
        let end = try #require(world.kafka.logs[place]).count
        world.writeStrangers(5, to: place)
        world.kafka.deleteBefore(place, end + 3)
        try Self.expectEnd(world, "lies outside of the log")
    }
}
