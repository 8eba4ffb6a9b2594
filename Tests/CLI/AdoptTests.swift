import CommandLine
import Foundation
import Kafka
import Runtime
import Stores
import Testing

@testable import CLI

@Suite struct AdoptTests {
    private let here = StoreIdentity(clusterId: "c", group: "daifa-waybill")
    private let log = ["t": StoreLogCheck.LogRange(low: 10, high: 100)]

    private func claim(_ position: Int64?, highest: Int64 = 5, published: Int64 = 5, cluster: String? = "c") -> StoreClaim {
        StoreClaim(
            epoch: 1, identity: cluster.map { StoreIdentity(clusterId: $0, group: "daifa-waybill") },
            positions: position.map { ["t": $0] } ?? [:], highestSequence: highest, publishedThrough: published)
    }

    private func plan(_ claim: StoreClaim, committed: Int64?, outbox: Int64?, skip: Bool = false) -> AdoptPlan {
        let offsets = [
            PartitionOffset(topic: "t", partition: 0, offset: committed ?? -1, metadata: outbox.map { "outbox=\($0)" }),
            PartitionOffset(topic: "u", partition: 0, offset: -1),
        ]
        let check = StoreLogCheck(shard: 0, claim: claim, identity: here, committed: offsets, logs: log)
        return AdoptPlan(check: check, skipsUnknown: skip)
    }

    @Test func aStoreAheadOfKafkaBelongsToIt() {
        let plan = plan(claim(60, highest: 7, published: 4), committed: 50, outbox: 5)
        #expect(plan.findings.isEmpty && plan.positions == ["t": 60] && plan.published == 5)
    }

    @Test func aDeletedStoreGoesOnWhereTheGroupHasRead() {
        let plan = plan(claim(nil, highest: 0, published: 0, cluster: nil), committed: 50, outbox: 5)
        #expect(plan.findings.count == 2 && plan.positions == ["t": 50] && plan.published == 5)
    }

    @Test func aRestoredStoreDoesToo() {
        let plan = plan(claim(40, highest: 3, published: 3), committed: 50, outbox: 5)
        #expect(plan.findings.count == 2 && plan.positions == ["t": 50])
    }

    @Test func otherBrokersAreReadFromTheirBeginningOrEnd() {
        let other = claim(60, cluster: "other")
        let plan = plan(other, committed: nil, outbox: nil)
        #expect(plan.findings.count == 2 && plan.positions == ["t": 10] && plan.published == 0)
        #expect(self.plan(other, committed: nil, outbox: nil, skip: true).positions == ["t": 100])
    }

    /// The log was cut and written anew: places that would fit are places of other records.
    @Test func aLogThatWasWrittenAnewIsReadFromItsBeginningByBothSides() {
        var claim = claim(60)
        claim.marks["t"] = LogMark(offset: 59, fingerprint: 1)
        var check = plan(claim, committed: 60, outbox: 5).check
        check.logs["t"]?.atMark = .record(LogMark(offset: 59, fingerprint: 2))
        let plan = AdoptPlan(check: check)
        #expect(plan.findings.count == 1 && plan.positions == ["t": 10] && plan.published == 5)
    }

    @Test func aStoreThatWasClosedInOrderNeedsNobodyWhenOffsetsExpire() {
        let plan = plan(claim(60), committed: nil, outbox: nil)
        #expect(plan.findings.isEmpty && plan.check.hasForgottenOffsets)
    }

    @Test func expiredOffsetsLeaveACrashedStoreItsOwnPlace() {
        let plan = plan(claim(60, highest: 6), committed: nil, outbox: nil)
        #expect(plan.findings.count == 1 && plan.positions == ["t": 60] && plan.published == 5)
    }

    /// A topic that was deleted and created again while the service committed: neither side's place lies in the new log.
    @Test func aTopicThatWasMadeAnewIsReadFromItsBeginningByBothSides() {
        let plan = plan(claim(160), committed: 160, outbox: 5)
        #expect(plan.findings.count == 1 && plan.positions == ["t": 10] && plan.published == 5)
        #expect(plan.groupOffsets == [PartitionOffset(topic: "t", partition: 0, offset: 10, metadata: "outbox=5")])
    }

    @Test(arguments: [9, 101]) func aPlaceOutsideOfTheLogIsNone(position: Int64) {
        let plan = plan(claim(position), committed: 9, outbox: 5)
        #expect(plan.findings.count == 1 && plan.positions == ["t": 10])
    }

    @Test func whatWasAdoptedFits() throws {
        let folder = NSTemporaryDirectory() + "daifa-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let shard = try SQLiteStore(folder: folder).shard(0)
        let before = plan(try shard.claim(), committed: 50, outbox: 5)
        #expect(!before.findings.isEmpty)
        try shard.adopt(published: before.published, positions: before.positions)
        try shard.identify(before.check.identity)
        let check = StoreLogCheck(shard: 0, claim: try shard.claim(), identity: here, committed: before.groupOffsets, logs: log)
        #expect(check.findings.isEmpty && check.published == 5)
    }

    /// Whatever both sides say, what was adopted fits: the service's claim and the command go by one rule.
    @Test func whateverIsAdoptedFits() throws {
        let places: [Int64?] = [nil, 5, 10, 50, 100, 101]
        for own in places {
            for read in places {
                for (highest, published) in [(0, 0), (5, 5), (7, 4)] as [(Int64, Int64)] {
                    for outbox in [nil, 0, 5, 9] as [Int64?] where outbox == nil || read != nil {
                        for cluster in ["c", "other", nil] {
                            let before = plan(
                                claim(own, highest: highest, published: published, cluster: cluster), committed: read, outbox: outbox)
                            // What was published was read from somewhere: a side that knows no place has published nothing.
                            guard !before.findings.isEmpty, !before.positions.isEmpty else { continue }
                            let after = StoreClaim(
                                epoch: 2, identity: here, positions: before.positions, highestSequence: max(highest, before.published),
                                publishedThrough: before.published)
                            let check = StoreLogCheck(
                                shard: 0, claim: after, identity: here, committed: before.groupOffsets, logs: log)
                            #expect(check.findings.isEmpty, "\(before) -> \(check.findings)")
                        }
                    }
                }
            }
        }
    }

    @Test func aRunningServiceIsLeftAlone() throws {
        let folder = NSTemporaryDirectory() + "daifa-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try SQLiteStore(folder: folder)
        let idle = try StoreLocks(folder: folder, isThere: true)
        idle.release()
        try store.lockInstance("waybill-1")
        #expect(throws: CommandFailure.self) { try StoreLocks(folder: folder, isThere: true) }
    }

    @Test func theStoreIsNamedOnce() {
        #expect(Daifa.execute(["adopt", "--service", "waybill"]) == .usage)
        #expect(Daifa.execute(["adopt", "--service", "waybill", "--data", "a", "--store", "b"]) == .usage)
        #expect(Daifa.execute(["adopt", "--service", "console", "--data", "a"]) == .usage)
    }
}
