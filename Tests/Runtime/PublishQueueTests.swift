import Kafka
import Testing

@testable import Runtime

struct PublishQueueTests {
    private final class Claim: Sendable {}
    private typealias Queue = PublishQueue<Claim>

    private static let error = KafkaError(code: .timedOut, operation: "test")

    private static func job(_ claim: Claim, _ shard: Int32, _ sequence: Int64, next: Int64 = 0) -> PublishJob<Claim> {
        PublishJob(claim: claim, shard: shard, sequence: sequence, records: [1], count: 1, offsets: [(topic: "a", next: next)])
    }

    /// One whose producer may publish.
    private static func prepared() -> Queue {
        var queue = Queue()
        queue.prepare()
        queue.prepared(nil)
        return queue
    }

    /// What is published next, as `shard:sequence`; nil: nothing.
    private static func published(_ queue: inout Queue) -> [String]? {
        guard case .publish(let jobs) = queue.next() else { return nil }
        return jobs.map { "\($0.shard):\($0.sequence)" }
    }

    @Test func nothingIsPublishedBeforeAProducerIsReady() {
        var queue = Queue()
        queue.submit([Self.job(Claim(), 0, 1)])
        #expect(queue.next() == nil && !queue.isSettled)
        queue.prepare()
        #expect(queue.preparation == nil)
        guard case .prepare = queue.next() else {
            Issue.record("a producer is made first")
            return
        }
        queue.prepared(Self.error)
        guard case .failed = queue.preparation else {
            Issue.record("whoever waits hears of the failure")
            return
        }
        #expect(queue.next() == nil)
        queue.prepare()
        queue.prepared(nil)
        #expect(Self.published(&queue) == ["0:1"])
    }

    @Test func aTransactionTakesAllThatWaitsAndNeverForTwoClaims() {
        var queue = Self.prepared()
        let (one, other) = (Claim(), Claim())
        queue.submit([Self.job(one, 0, 1), Self.job(one, 1, 1)])
        queue.submit([Self.job(one, 0, 2), Self.job(other, 2, 7)])
        #expect(!queue.hasRoom)
        #expect(Self.published(&queue) == ["0:1", "1:1", "0:2"])
        #expect(!queue.isSettled && queue.hasRoom)
        #expect(Self.published(&queue) == ["2:7"])
    }

    @Test func afterAFailureNothingWaitsAndNothingIsPublishedWithoutANewProducer() {
        var queue = Self.prepared()
        let claim = Claim()
        queue.submit([Self.job(claim, 0, 1)])
        #expect(Self.published(&queue) == ["0:1"])
        queue.submit([Self.job(claim, 0, 2)])
        queue.failed(Self.error)
        #expect(queue.isSettled && queue.hasFailed && queue.hasRoom)
        queue.submit([Self.job(claim, 0, 3)])
        #expect(queue.next() == nil)
        #expect(queue.takeFailure() != nil && queue.takeFailure() == nil)
        #expect(queue.next() == nil, "the failure is met, and the outcome still open")
        queue.dropWaiting()
        queue.prepare()
        guard case .prepare = queue.next() else {
            Issue.record("what an earlier producer left open is ended first")
            return
        }
    }

    @Test func whatIsPublishedIsToldOnce() {
        var queue = Self.prepared()
        let claim = Claim()
        let jobs = [Self.job(claim, 0, 1), Self.job(claim, 0, 2), Self.job(claim, 3, 9)]
        queue.submit(jobs)
        #expect(Self.published(&queue)?.count == 3)
        queue.done(jobs)
        #expect(queue.takePublished() == [0: 2, 3: 9])
        #expect(queue.takePublished().isEmpty && queue.isSettled)
    }

    @Test func rowsWithoutOffsetsGoOutFirst() {
        var queue = Queue()
        queue.prepare(control: [7])
        queue.submit([Self.job(Claim(), 0, 1)])
        queue.prepared(nil)
        guard case .control([7]) = queue.next() else {
            Issue.record("rows come first")
            return
        }
        #expect(queue.preparation == nil)
        queue.controlDone(nil)
        guard case .ready = queue.preparation else {
            Issue.record("they are out")
            return
        }
        #expect(Self.published(&queue) == ["0:1"])
    }

    @Test func offsetsAreTheLastOfEachInputWithTheSequenceThatTheyStandFor() {
        let claim = Claim()
        let offsets = PublishQueue.offsets(of: [
            Self.job(claim, 0, 1, next: 5), Self.job(claim, 1, 4, next: 2), Self.job(claim, 0, 2, next: 9),
        ])
        #expect(
            offsets.sorted { $0.partition < $1.partition } == [
                PartitionOffset(topic: "a", partition: 0, offset: 9, metadata: "outbox=2"),
                PartitionOffset(topic: "a", partition: 1, offset: 2, metadata: "outbox=4"),
            ])
    }
}
