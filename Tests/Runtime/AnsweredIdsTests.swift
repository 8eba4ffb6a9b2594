import Contracts
import Testing

@testable import Runtime

@Suite struct AnsweredIdsTests {
    private static func identity(_ id: String) -> MessageIdentity { IdentityHasher().identity(source: "/test", id: id, sender: nil) }
    private static func number(_ number: UInt64) -> MessageIdentity { MessageIdentity(high: 0, low: number) }

    @Test func whatWasInsertedIsKnown() {
        var ids = AnsweredIds()
        let hashes = (0..<100).map { Self.identity("id-\($0)") }
        for hash in hashes { ids.insert(hash, now: 1000, retention: 60) }
        for hash in hashes { #expect(ids.contains(hash)) }
        #expect(!ids.contains(Self.identity("id-100")))
        #expect(ids.bytes.count == 100 * 20)
    }

    @Test func whatIsOlderThanTheRetentionIsForgotten() {
        var ids = AnsweredIds()
        ids.insert(Self.number(1), now: 1000, retention: 60)
        ids.insert(Self.number(2), now: 1030, retention: 60)
        ids.insert(Self.number(3), now: 1060, retention: 60)
        #expect(ids.contains(Self.number(1)), "as old as the retention is not older")
        ids.insert(Self.number(4), now: 1061, retention: 60)
        #expect(!ids.contains(Self.number(1)))
        #expect(ids.contains(Self.number(2)) && ids.contains(Self.number(3)) && ids.contains(Self.number(4)))
        ids.insert(Self.number(5), now: 5000, retention: 60)
        #expect(ids.bytes.count == 20)
    }

    @Test func aClockThatGoesBackForgetsNothing() {
        var ids = AnsweredIds()
        ids.insert(Self.number(1), now: 1000, retention: 60)
        ids.insert(Self.number(2), now: 10, retention: 60)
        ids.insert(Self.number(3), now: 1001, retention: 60)
        #expect(ids.contains(Self.number(1)) && ids.contains(Self.number(2)) && ids.contains(Self.number(3)))
    }

    @Test func thereIsNoRoomBeyondTheLimitUntilTheOldestIsForgotten() {
        var ids = AnsweredIds()
        for index in 0..<AnsweredIds.limit {
            #expect(!ids.isFull(now: 1000, retention: 60))
            ids.insert(Self.number(UInt64(index)), now: 1000, retention: 60)
        }
        #expect(ids.isFull(now: 1060, retention: 60))
        #expect(!ids.isFull(now: 1061, retention: 60))
        ids.insert(Self.number(.max), now: 1061, retention: 60)
        #expect(ids.bytes.count == 20)
    }

    /// Anybody can send what reaches no aggregate: the rows for it stay as they are.
    @Test func whereTheOldestAreForgottenTheRowDoesNotGrow() {
        var ids = AnsweredIds()
        for index in 0..<5000 { ids.insert(Self.number(UInt64(index)), now: 1000, retention: 600_000, limit: AnsweredIds.refusedLimit) }
        #expect(ids.bytes.count == 20 * AnsweredIds.refusedLimit)
        #expect(ids.contains(Self.number(4999)) && ids.contains(Self.number(4000)) && !ids.contains(Self.number(3999)))
    }

    @Test func timesNearTheirEndDoNotOverflow() {
        var ids = AnsweredIds()
        ids.insert(Self.number(1), now: .max - 1, retention: .max)
        ids.insert(Self.number(2), now: .max, retention: .max)
        #expect(ids.contains(Self.number(1)) && ids.contains(Self.number(2)))
    }

    @Test func theyAreReadBackFromTheirBytes() {
        var ids = AnsweredIds()
        ids.insert(Self.identity("a"), now: 1, retention: 60)
        #expect(AnsweredIds(ids.bytes).contains(Self.identity("a")))
        #expect(!AnsweredIds(Array(ids.bytes.dropLast())).contains(Self.identity("a")), "half an entry is none")
    }

    @Test func whatWasStoredInAnotherFormIsForgotten() {
        #expect(AnsweredIds([UInt8](repeating: 1, count: 12)).bytes.isEmpty)
    }
}

@Suite struct MessageIdentityTests {
    private let hasher = IdentityHasher()

    @Test func sourceIdAndSenderTellMessagesApart() {
        let (one, other) = (Actor(.merchant, "m1"), Actor(.merchant, "m2"))
        let all = [
            hasher.identity(source: "/a", id: "1", sender: nil), hasher.identity(source: "/b", id: "1", sender: nil),
            hasher.identity(source: "/a", id: "2", sender: nil), hasher.identity(source: "/a1", id: "", sender: nil),
            hasher.identity(source: "/a", id: "1", sender: one), hasher.identity(source: "/a", id: "1", sender: other),
            hasher.identity(source: "/a", id: "1", sender: Actor(.factory, "m1")),
            hasher.identity(source: "/a", id: "1", unproven: one), hasher.identity(source: "/a", id: "1", unproven: nil),
        ]
        #expect(Set(all).count == all.count)
        #expect(hasher.identity(source: "/a", id: "1", sender: one) == all[4], "the same message has the same one")
        #expect(IdentityHasher().identity(source: "/a", id: "1", sender: one) == all[4], "at every replica")
    }

    /// Nothing of the state before may be left in it.
    @Test func identitiesDoNotDependOnWhatCameBefore() {
        _ = hasher.identity(source: String(repeating: "x", count: 1000), id: "y", sender: nil)
        #expect(hasher.identity(source: "", id: "", sender: nil) == IdentityHasher().identity(source: "", id: "", sender: nil))
        #expect((0..<1000).allSatisfy { hasher.bucket("key-\($0)", below: 1024) < 1024 })
    }
}
