import Synchronization
import Testing

@testable import Observability

/// A log of waits whose clock a test moves, and the lines that it has written.
final class WrittenWaits: Sendable {
    private let seconds = Mutex(1000.0)
    private let written = Mutex<[WaitLog.Line]>([])
    var log: WaitLog { WaitLog(clock: { self.seconds.withLock { $0 } }) { line in self.written.withLock { $0.append(line) } } }

    func pass(_ time: Double) { seconds.withLock { $0 += time } }

    /// The lines since the last call.
    func take() -> [WaitLog.Line] {
        written.withLock { lines in
            defer { lines = [] }
            return lines
        }
    }
}

struct WaitLogTests {
    private let waits = WrittenWaits()

    private func line(_ reason: String, _ seconds: Int, level: LogLevel = .warning) -> WaitLog.Line {
        .init(level: level, message: "waiting for Kafka", reason: reason, seconds: seconds)
    }

    @Test func aWaitIsToldAtOnceAndThenOnceAMinute() {
        let log = waits.log
        var told: [Int: [WaitLog.Line]] = [:]
        for second in 0..<200 {
            for _ in 0..<4 { log.say("waiting for Kafka", because: "down") }
            let lines = waits.take()
            if !lines.isEmpty { told[second] = lines }
            waits.pass(1)
        }
        #expect(told == [0: [line("down", 0)], 60: [line("down", 60)], 120: [line("down", 120)], 180: [line("down", 180)]])
    }

    @Test func anotherReasonIsToldAtOnce() {
        let log = waits.log
        log.say("waiting for Kafka", because: "down", level: .notice)
        waits.pass(10)
        log.say("waiting for Kafka", because: "no leader")
        #expect(waits.take() == [line("down", 0, level: .notice), line("no leader", 10)])
        // Two that alternate are each told once a minute.
        for _ in 0..<49 {
            waits.pass(1)
            log.say("waiting for Kafka", because: "down")
            log.say("waiting for Kafka", because: "no leader")
        }
        #expect(waits.take() == [])
        waits.pass(1)
        log.say("waiting for Kafka", because: "down")
        log.say("waiting for Kafka", because: "no leader")
        #expect(waits.take() == [line("down", 60)])
    }

    @Test func theEndIsToldAndTheNextWaitAtOnce() {
        let log = waits.log
        log.over("waiting for Kafka")
        #expect(waits.take() == [], "there was no wait")
        log.say("waiting for Kafka", because: "down")
        waits.pass(7)
        log.over("waiting for Kafka")
        log.over("waiting for Kafka")
        #expect(waits.take() == [line("down", 0), .init(level: .notice, message: "over: waiting for Kafka", reason: nil, seconds: 7)])
        waits.pass(1)
        log.say("waiting for Kafka", because: "down")
        log.say("waiting for a key", because: "none")
        #expect(waits.take().map(\.seconds) == [0, 0])
        waits.pass(1)
        log.allOver()
        #expect(waits.take().map(\.message) == ["over: waiting for Kafka", "over: waiting for a key"])
        log.allOver()
        #expect(waits.take() == [])
    }

    @Test func aTroubleThatComesAndGoesDoesNotFloodTheLog() {
        let log = waits.log
        for _ in 0..<100 {
            log.say("waiting for Kafka", because: "down")
            log.over("waiting for Kafka")
            waits.pass(0.25)
        }
        #expect(waits.take().count == 2 * WaitLog.limit)
        // Neither does one whose reason is another one each time.
        for number in 0..<100 { log.say("a shard cannot be claimed", because: "offset \(number)") }
        #expect(waits.take().count == WaitLog.limit)
        waits.pass(60)
        log.say("waiting for Kafka", because: "down")
        #expect(waits.take() == [line("down", 0)])
    }
}
