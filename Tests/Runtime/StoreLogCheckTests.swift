import Kafka
import Stores
import Testing

@testable import Runtime

/// Whether a store and a log belong together: what each of them knows of the other.
@Suite struct StoreLogCheckTests {
    private static let identity = StoreIdentity(clusterId: "c1", group: "daifa-allocation")

    private static func check(
        identity: StoreIdentity? = Self.identity, positions: [String: Int64] = [:], marks: [String: LogMark] = [:], highest: Int64 = 0,
        publishedThrough: Int64 = 0,
        committed: [(topic: String, offset: Int64, metadata: String?)] = [], logs: [String: StoreLogCheck.LogRange] = [:]
    ) -> StoreLogCheck {
        StoreLogCheck(
            shard: 3,
            claim: StoreClaim(
                epoch: 1, identity: identity, positions: positions, marks: marks, highestSequence: highest,
                publishedThrough: publishedThrough),
            identity: Self.identity,
            committed: committed.map { PartitionOffset(topic: $0.topic, partition: 3, offset: $0.offset, metadata: $0.metadata) },
            logs: logs)
    }

    private static func expectMismatch(_ check: StoreLogCheck, _ text: String) throws {
        let error = try #require(throws: StoreMismatch.self) { try check.verify() }
        #expect(error.description.contains(text), "\(error)")
        #expect(error.description.contains("shard 3") && error.description.contains("daifa adopt --help"))
        #expect(!error.description.contains("\n"))
    }

    @Test func aNewStoreOnANewLogIsGood() throws {
        let check = Self.check(identity: nil, committed: [("a", PartitionOffset.none, nil)])
        try check.verify()
        #expect(check.kafkaPublished == nil && check.published == 0)
    }

    @Test func aStoreThatIsAheadIsGood() throws {
        let check = Self.check(
            positions: ["a": 10, "b": 7], highest: 5, publishedThrough: 3, committed: [("a", 8, "outbox=4"), ("b", 7, "outbox=2")])
        try check.verify()
        #expect(check.published == 4, "the furthest of its inputs counts")
    }

    @Test func aStoreThatCrashedBeforeItsFirstPublishIsGood() throws {
        try Self.check(positions: ["a": 3], highest: 1, committed: [("a", PartitionOffset.none, nil)]).verify()
    }

    @Test func anotherCluster() throws {
        try Self.expectMismatch(Self.check(identity: StoreIdentity(clusterId: "c2", group: "daifa-allocation")), "cluster c2")
    }

    @Test func anotherGroup() throws {
        try Self.expectMismatch(Self.check(identity: StoreIdentity(clusterId: "c1", group: "daifa-binding")), "group daifa-binding")
    }

    @Test func aStoreThatWasDeletedOrRestored() throws {
        try Self.expectMismatch(Self.check(identity: nil, committed: [("a", 5, "outbox=9")]), "sequence 9")
        try Self.expectMismatch(
            Self.check(positions: ["a": 5], highest: 8, publishedThrough: 8, committed: [("a", 5, "outbox=9")]), "sequence 9")
    }

    @Test func offsetsThatExpiredAfterACloseInOrderNeedNobody() throws {
        let check = Self.check(positions: ["a": 5], highest: 8, publishedThrough: 8, committed: [("a", PartitionOffset.none, nil)])
        try check.verify()
        #expect(check.hasForgottenOffsets && check.published == 8)
    }

    @Test func offsetsThatExpiredAfterACrash() throws {
        try Self.expectMismatch(
            Self.check(positions: ["a": 5], highest: 8, publishedThrough: 7, committed: [("a", PartitionOffset.none, nil)]), "sequence 7")
    }

    @Test func aGroupThatHasReadFurther() throws {
        try Self.expectMismatch(
            Self.check(positions: ["a": 5], highest: 8, committed: [("a", 6, "outbox=8")]), "up to 6")
        try Self.expectMismatch(Self.check(highest: 8, committed: [("b", 1, "outbox=8")]), "up to 1")
    }

    @Test func aPositionOutsideOfTheLog() throws {
        for range in [5...5, 0...9] as [ClosedRange<Int64>] {
            try Self.check(positions: ["a": 5], logs: ["a": .init(low: range.lowerBound, high: range.upperBound)]).verify()
        }
        try Self.check(positions: ["a": 5], logs: ["b": .init(low: 10, high: 20)]).verify()
        for range in [6...9, 0...4] as [ClosedRange<Int64>] {
            try Self.expectMismatch(
                Self.check(positions: ["a": 5], logs: ["a": .init(low: range.lowerBound, high: range.upperBound)]), "outside of the log")
        }
    }

    /// After a leader that lagged behind was elected, a log is shorter, and soon as long again.
    @Test func aLogThatWasCutAndWrittenAnew() throws {
        let mark = LogMark(offset: 4, fingerprint: 11)
        func check(_ low: Int64, _ high: Int64, _ atMark: StoreLogCheck.LogRange.AtMark) -> StoreLogCheck {
            Self.check(positions: ["a": 5], marks: ["a": mark], logs: ["a": .init(low: low, high: high, atMark: atMark)])
        }
        try check(0, 9, .record(mark)).verify()
        try check(0, 9, .notRead).verify()
        // Deleted by age: only what lies in the log can be compared.
        try check(5, 9, .record(LogMark(offset: 5, fingerprint: 1))).verify()
        try check(5, 5, .record(nil)).verify()
        for other in [LogMark(offset: 4, fingerprint: 12), LogMark(offset: 5, fingerprint: 11), nil] {
            try Self.expectMismatch(check(0, 9, .record(other)), "the record at offset 4 of a is not the one")
            #expect(check(0, 9, .record(other)).isRewritten("a"))
        }
        try Self.expectMismatch(check(0, 4, .record(nil)), "outside of the log")
    }

    @Test func foreignMetadataSaysNothing() throws {
        #expect(OutboxPosition.sequence("outbox=12") == 12)
        #expect(OutboxPosition.sequence(OutboxPosition.metadata(.max)) == .max)
        for text in ["", "outbox=", "outbox=x", "sequence=1", "outbox=1 "] { #expect(OutboxPosition.sequence(text) == nil) }
        #expect(OutboxPosition.sequence(nil) == nil)
    }

    @Test func theGroupGetsAPositionWhereItHasNone() {
        let check = Self.check(
            positions: ["a": 7, "b": 3], committed: [("a", 7, "outbox=1"), ("b", PartitionOffset.none, nil)],
            logs: ["c": .init(low: 40, high: 50)])
        let first = check.firstPositions(of: ["a", "b", "c"])
        #expect(first == [1: 3, 2: 40], "what the store knows counts, else the beginning of the log")
        #expect(check.firstPositions(of: ["a"]) == [:])
    }
}
