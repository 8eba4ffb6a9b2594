import Testing

@testable import Runtime

@Suite struct AnsweredIdsTests {
    @Test func whatWasInsertedIsKnown() {
        var ids = AnsweredIds()
        let hashes = (0..<100).map { AnsweredIds.hash("id-\($0)") }
        for hash in hashes { ids.insert(hash, now: 1000, retention: 60) }
        for hash in hashes { #expect(ids.contains(hash)) }
        #expect(!ids.contains(AnsweredIds.hash("id-100")))
        #expect(ids.bytes.count == 100 * 12)
    }

    @Test func whatIsOlderThanTheRetentionIsForgotten() {
        var ids = AnsweredIds()
        ids.insert(1, now: 1000, retention: 60)
        ids.insert(2, now: 1030, retention: 60)
        ids.insert(3, now: 1060, retention: 60)
        #expect(ids.contains(1), "as old as the retention is not older")
        ids.insert(4, now: 1061, retention: 60)
        #expect(!ids.contains(1))
        #expect(ids.contains(2) && ids.contains(3) && ids.contains(4))
        ids.insert(5, now: 5000, retention: 60)
        #expect(ids.bytes.count == 12)
    }

    @Test func aClockThatGoesBackForgetsNothing() {
        var ids = AnsweredIds()
        ids.insert(1, now: 1000, retention: 60)
        ids.insert(2, now: 10, retention: 60)
        ids.insert(3, now: 1001, retention: 60)
        #expect(ids.contains(1) && ids.contains(2) && ids.contains(3))
    }

    @Test func thereIsNoRoomBeyondTheLimitUntilTheOldestIsForgotten() {
        var ids = AnsweredIds()
        for index in 0..<AnsweredIds.limit {
            #expect(!ids.isFull(now: 1000, retention: 60))
            ids.insert(UInt64(index), now: 1000, retention: 60)
        }
        #expect(ids.isFull(now: 1060, retention: 60))
        #expect(!ids.isFull(now: 1061, retention: 60))
        ids.insert(.max, now: 1061, retention: 60)
        #expect(ids.bytes.count == 12)
    }

    /// Anybody can send what reaches no aggregate: the rows for it stay as they are.
    @Test func whereTheOldestAreForgottenTheRowDoesNotGrow() {
        var ids = AnsweredIds()
        for index in 0..<5000 { ids.insert(UInt64(index), now: 1000, retention: 600_000, limit: AnsweredIds.refusedLimit) }
        #expect(ids.bytes.count == 12 * AnsweredIds.refusedLimit)
        #expect(ids.contains(4999) && ids.contains(4000) && !ids.contains(3999))
    }

    @Test func timesNearTheirEndDoNotOverflow() {
        var ids = AnsweredIds()
        ids.insert(1, now: .max - 1, retention: .max)
        ids.insert(2, now: .max, retention: .max)
        #expect(ids.contains(1) && ids.contains(2))
    }

    @Test func theyAreReadBackFromTheirBytes() {
        var ids = AnsweredIds()
        ids.insert(AnsweredIds.hash("a"), now: 1, retention: 60)
        #expect(AnsweredIds(ids.bytes).contains(AnsweredIds.hash("a")))
        #expect(!AnsweredIds(Array(ids.bytes.dropLast())).contains(AnsweredIds.hash("a")), "half an entry is none")
    }

    @Test func hashesOfLikeIdsDiffer() {
        let hashes = Set((0..<100_000).map { AnsweredIds.hash("cmd-\($0)") })
        #expect(hashes.count == 100_000)
        #expect(AnsweredIds.hash("") != AnsweredIds.hash("\0"))
    }
}
