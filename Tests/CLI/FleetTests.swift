import CommandLine
import Foundation
import Runtime
import Synchronization
import Testing
import Threads

@testable import CLI

/// What a fleet reports, for tests to await.
private final class Events: Sendable {
    private let list = Mutex<[Fleet.Event]>([])
    func add(_ event: Fleet.Event) { list.withLock { $0.append(event) } }
    var all: [Fleet.Event] { list.withLock { $0 } }
}

/// Looks again and again until the condition holds; false after 20 s.
private func eventually(_ condition: () -> Bool) -> Bool {
    let deadline = Clock.seconds + 20
    while !condition() {
        guard Clock.seconds < deadline else { return false }
        usleep(5000)
    }
    return true
}

private func isAlive(_ pid: pid_t) -> Bool { kill(pid, 0) == 0 }

private func member(_ name: String, _ script: String, log: String? = nil) -> Fleet.Member {
    Fleet.Member(name: name, service: name, command: ["/bin/sh", "-c", script], environment: ["PATH": "/usr/bin:/bin"], log: log)
}

private func temporaryFolder() throws -> String {
    let path = NSTemporaryDirectory() + "daifa-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
}

@Suite struct FleetTests {
    private let quick = RestartPolicy(firstDelay: 0.01, longestDelay: 0.05, steadyAfter: 10)

    @Test func aKilledChildIsStartedAgainAndTheOtherIsLeftAlone() throws {
        let events = Events()
        let fleet = Fleet([member("a", "exec sleep 60"), member("b", "exec sleep 60")], policy: quick) { events.add($0) }
        try fleet.start()
        defer { fleet.stop() }
        let before = fleet.status
        #expect(fleet.kill("a") && !fleet.kill("c"))
        #expect(eventually { fleet.status[0].restarts == 1 && fleet.status[0].pid != nil })
        #expect(fleet.status[0].pid != before[0].pid && fleet.status[1] == before[1])
        #expect(eventually { events.all.count == 2 })
        #expect(events.all.first == .ended(name: "a", .signalled(SIGKILL), restartAfter: 0.01))
        #expect(fleet.defeat == nil)
    }

    @Test func aWrongConfigurationIsNotTriedAgain() throws {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let fleet = Fleet(
            [
                member("a", "echo starting; echo 'DAIFA_STORE: no such folder' >&2; exit 78", log: "\(folder)/a.log"),
                member("b", "exec sleep 60"),
            ],
            policy: quick)
        try fleet.start()
        #expect(eventually { fleet.defeat != nil })
        #expect(fleet.defeat == Fleet.Defeat(name: "a", end: .exited(78), lastLine: "DAIFA_STORE: no such folder"))
        #expect(throws: Fleet.Defeat.self) { try fleet.awaitReady(timeout: 5, pause: { _ in false }) }
        #expect(fleet.status[0].restarts == 0)
        let other = try #require(fleet.status[1].pid)
        #expect(fleet.stop().isEmpty)
        #expect(!isAlive(other))
    }

    @Test func oneThatEndsAtOnceIsStartedEverMoreRarely() throws {
        let events = Events()
        let fleet = Fleet([member("a", "exit 3")], policy: quick) { events.add($0) }
        try fleet.start()
        defer { fleet.stop() }
        #expect(eventually { events.all.count >= 9 })
        let delays = events.all.compactMap { event -> Double? in
            guard case .ended(_, .exited(3), let delay) = event else { return nil }
            return delay
        }
        #expect(delays.prefix(4) == [0.01, 0.02, 0.04, 0.05])
    }

    @Test func stoppingIsCleanAndThenBounded() throws {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let ready = "\(folder)/ready"
        let fleet = Fleet(
            [
                member("polite", "trap 'echo bye; exit 0' TERM; while :; do sleep 0.02; done", log: "\(folder)/polite.log"),
                member("stubborn", "trap '' TERM; touch \(ready); while :; do sleep 0.02; done"),
            ], policy: quick)
        try fleet.start()
        let pids = fleet.status.compactMap(\.pid)
        #expect(eventually { access(ready, F_OK) == 0 })
        #expect(fleet.stop(within: 0.5) == ["stubborn"])
        #expect(pids.count == 2 && pids.allSatisfy { !isAlive($0) })
        #expect(Fleet.lastLine(of: "\(folder)/polite.log") == "bye")
        #expect(fleet.status.allSatisfy { $0.pid == nil })
    }

    @Test func waitingEndsWhenItIsInterrupted() throws {
        let silent = Fleet.Member(name: "a", service: "a", command: ["/bin/sleep", "60"], environment: [:], port: 1)
        let fleet = Fleet([silent])
        try fleet.start()
        defer { fleet.stop() }
        #expect(try fleet.awaitReady(timeout: 60, pause: { _ in true }).map(\.reason) == ["no answer on port 1"])
    }

    @Test func whatCannotBeStartedIsSaid() {
        let fleet = Fleet([member("a", "exec sleep 60"), .init(name: "b", service: "b", command: ["/no/such/program"], environment: [:])])
        #expect(throws: CommandFailure.self) { try fleet.start() }
        #expect(fleet.status.allSatisfy { $0.pid == nil })
    }

    @Test func childrenGoWithTheirParent() throws {
        // The shell stands for a `daifa up` that is killed: its child is bound to it as ours are to us.
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let note = "\(folder)/pid"
        let script = "setpriv --pdeathsig TERM sh -c 'echo $$ > \(note); exec sleep 60' & while :; do sleep 0.02; done"
        let fleet = Fleet([member("parent", script)], policy: RestartPolicy(firstDelay: 60))
        try fleet.start()
        defer { fleet.stop() }
        var child: pid_t?
        #expect(
            eventually {
                child = (try? String(contentsOfFile: note, encoding: .utf8)).flatMap {
                    pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines))
                }
                return child != nil
            })
        let pid = try #require(child)
        #expect(fleet.kill("parent"))
        #expect(eventually { !isAlive(pid) })
    }
}

@Suite struct RestartPolicyTests {
    @Test func delaysDoubleUpToTheirLimitAndBeginAgain() {
        let policy = RestartPolicy(firstDelay: 1, longestDelay: 5, steadyAfter: 10)
        var failures = 0
        let delays = (0..<5).map { _ in policy.decide(.exited(1), failures: &failures, ranFor: 1) }
        #expect(delays == [1, 2, 4, 5, 5].map { .restart(after: $0) })
        #expect(policy.decide(.signalled(9), failures: &failures, ranFor: 10) == .restart(after: 1))
        #expect(policy.decide(.exited(78), failures: &failures, ranFor: 1000) == .giveUp)
        #expect(policy.decide(.signalled(78), failures: &failures, ranFor: 1) == .restart(after: 2))
    }

    @Test func endsAreReadFromTheirStatus() {
        #expect(ProcessEnd(status: 78 << 8) == .exited(78))
        #expect(ProcessEnd(status: 9) == .signalled(9))
        #expect(ProcessEnd(status: 11 | 0x80) == .signalled(11))
    }
}
