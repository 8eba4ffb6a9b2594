import CommandLine
import Foundation
import Kafka
import Runtime
import Stores
import Testing

@testable import CLI

@Suite struct AdoptTests {
    private let here = StoreIdentity(clusterId: "c", group: "daifa-waybill")
    private let log = ["t": AdoptPlan.Bounds(low: 10, high: 100)]

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
        return AdoptPlan(shard: 0, claim: claim, identity: here, committed: offsets, bounds: log, skipsUnknown: skip)
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

    @Test func expiredOffsetsLeaveTheStoresOwnPlace() {
        let plan = plan(claim(60), committed: nil, outbox: nil)
        #expect(plan.findings.count == 1 && plan.positions == ["t": 60] && plan.published == 0)
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
        try shard.identify(before.identity)
        #expect(plan(try shard.claim(), committed: 50, outbox: 5).findings.isEmpty)
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
