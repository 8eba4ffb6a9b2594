import Contracts
import JSON
import Testing
import Threads

@testable import Console

@Suite struct HealthBoardTests {
    private let now = Timestamp(milliseconds: 1_790_000_000_000)

    private func row(_ service: ServiceName, _ instance: String, ready: Bool = true, age seconds: Int = 0, version: Int = 1) -> HealthRow {
        HealthRow(
            service: service, instance: instance, ready: ready, reason: ready ? nil : "Kafka",
            shards: [ShardHealth(shard: 4, lag: 7, outbox: 2), ShardHealth(shard: 1, lag: 0, outbox: 3)],
            effects: EffectCounts(waiting: 1, running: 2, retrying: 3), at: Timestamp(milliseconds: now.milliseconds - seconds * 1000),
            version: version)
    }

    private func apply(_ rows: HealthRow..., to board: HealthBoard) throws {
        for row in rows { try board.apply(key: Array(row.key.utf8), value: row.json) }
    }

    private func shown(_ service: ServiceName, _ board: HealthBoard) -> JSONValue? {
        board.items(now: now).first { $0["service"]?.string == service.rawValue }
    }

    @Test func aReplicaIsShownAsItTellsItself() throws {
        let board = HealthBoard()
        try apply(row(.waybill, "w-1"), to: board)
        let item = try #require(shown(.waybill, board))
        #expect(item["instance"]?.string == "w-1" && item["ready"]?.bool == true && item["outbox"]?.int == 5)
        #expect(item["shards"]?.array?.map { $0["shard"]?.int } == [1, 4] && item["shards"]?[1]?["lag"]?.int == 7)
        #expect(item["effects"]?["waiting"]?.int == 1 && item["effects"]?["retrying"]?.int == 3)
        try apply(row(.waybill, "w-1", ready: false, version: 2), to: board)
        #expect(shown(.waybill, board)?["ready"]?.bool == false && shown(.waybill, board)?["reason"]?.string == "Kafka")
    }

    @Test func oneThatTellsNothingForThirtySecondsIsGone() throws {
        let board = HealthBoard()
        try apply(row(.waybill, "w-1", age: 30), row(.waybill, "w-2", age: 31), to: board)
        #expect(board.items(now: now).compactMap { $0["instance"]?.string } == ["w-1"])
    }

    @Test func aTombstoneTakesAReplicaAway() throws {
        let board = HealthBoard()
        try apply(row(.waybill, "w-1"), row(.waybill, "w-2"), to: board)
        try board.apply(key: Array("waybill~w-1".utf8), value: nil)
        #expect(board.items(now: now).compactMap { $0["instance"]?.string } == ["w-2"])
    }

    @Test func aServiceWithoutReplicasIsNotReady() throws {
        let board = HealthBoard()
        try apply(row(.waybill, "w-1"), to: board)
        let items = board.items(now: now)
        #expect(items.compactMap { $0["service"]?.string } == ServiceName.allCases.map(\.rawValue))
        let missing = try #require(shown(.shipping, board))
        #expect(missing["ready"]?.bool == false && missing["instance"] == nil && missing["shards"]?.array?.isEmpty == true)
    }

    @Test func aRowThatCannotBeReadLeavesTheLastGoodOne() throws {
        let board = HealthBoard()
        try apply(row(.waybill, "w-1"), to: board)
        #expect(throws: JSONError.self) { try board.apply(key: Array("waybill~w-1".utf8), value: Array("{".utf8)) }
        #expect(shown(.waybill, board)?["ready"]?.bool == true)
    }

    @Test func numbersThatDoNotFitTogetherEndNobody() throws {
        let board = HealthBoard()
        var row = row(.waybill, "w-1")
        row.shards = [ShardHealth(shard: 0, lag: 0, outbox: .max), ShardHealth(shard: 1, lag: 0, outbox: .max)]
        try apply(row, to: board)
        #expect(shown(.waybill, board)?["outbox"]?.int == .max)
    }
}
