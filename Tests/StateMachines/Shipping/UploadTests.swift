import Contracts
import JSON
import Testing

@testable import StateMachines

struct UploadTests {
    @Test func aShippedNumberGoesWhereThePolicySays() throws {
        for (targets, effects) in [
            ([], []), ([.marketplace], ["effect upload-marketplace"]), ([.erp], ["effect upload-erp"]),
            ([.marketplace, .erp], ["effect upload-marketplace", "effect upload-erp"]),
        ] as [([UploadTarget], [String])] {
            var scene = UploadScene(targets)
            #expect(try scene.shipped() == ["shipped"] + effects)
        }
    }

    @Test func theTaskSaysAllThatIsTold() throws {
        var scene = UploadScene([.marketplace, .erp])
        try scene.shipment.allocated()
        try scene.shipment.returned(1, "YT0000000000001", extra: ["YT0000000000009"])
        try scene.shipment.ship(1, to: "back-1")
        try scene.after { try $0.sealed() }
        let task = try #require(scene.task())
        #expect(task.orderId == "O-1" && task.allocationId == "O-1/1" && task.channelId == "C-1")
        #expect(task.platformOrderNumber == "260728-1" && task.carrier == "YTO" && task.waybillNumber == "YT0000000000001")
        #expect(task.extraNumbers == ["YT0000000000009"] && task.returnAddressId == "back-1" && task.mode == .first)
        #expect(scene.task(.erp)?.channelId == "C-2")
        for effect in [MarketplaceUpload(task).json, ERPUpload(task).json] {
            #expect(try MarketplaceUpload.decode(effect).task == task)
        }
    }

    @Test func theOutcomeIsProgressAndAnswersNoCommand() throws {
        var scene = UploadScene()
        try scene.shipped()
        #expect(try scene.answer() == ["upload-confirmed"])
        #expect(scene.shipment.answers == ["upload-confirmed O-1/1/upload/marketplace/1"])
        let confirmed = try #require(scene.shipment.published(UploadConfirmed.self).first)
        #expect(confirmed.target == .marketplace && confirmed.merchantShopId == "M-1" && confirmed.channelId == "C-1")
        #expect(confirmed.carrier == "YTO" && confirmed.waybillNumber == "YT0000000000001")
    }

    @Test func aFailureSaysWhyAndWaitsForAPerson() throws {
        var scene = UploadScene()
        try scene.shipped()
        #expect(try scene.answer(UploadScene.refused) == ["upload-failed"])
        let failed = try #require(scene.shipment.published(UploadFailed.self).first)
        #expect(failed.reason == .partnerRejected && failed.partnerCode == "50001" && failed.message == "no")
        #expect(scene.task() == nil)
        #expect(try scene.retry(id: "retry-1") == ["effect upload-marketplace"])
        // It may be there: what was begun before asks first.
        #expect(scene.task()?.mode == .change)
        try scene.answer()
        #expect(scene.shipment.answers == ["upload-confirmed retry-1"])
    }

    @Test func aRetryThatFailsIsAnsweredByTheFailure() throws {
        var scene = UploadScene()
        try scene.shipped()
        try scene.answer(UploadScene.refused)
        try scene.retry(id: "retry-1")
        try scene.answer(UploadOutcome.failed(UploadOutcome.Failure(.afterSaleOpen, "after-sale")))
        #expect(scene.shipment.answers == ["upload-failed retry-1"])
        #expect(scene.shipment.published(UploadFailed.self).first?.reason == .afterSaleOpen)
    }

    @Test func retriesDuringAnUploadAreAnsweredByItsOutcome() throws {
        var scene = UploadScene()
        try scene.shipped()
        #expect(try scene.retry(id: "retry-1") == ["effect upload-marketplace"])
        #expect(scene.task()?.mode == .change)
        #expect(try scene.retry(id: "retry-2") == ["effect upload-marketplace"])
        #expect(try scene.answer() == ["upload-confirmed", "upload-confirmed"])
        #expect(scene.shipment.answers == ["upload-confirmed retry-1", "upload-confirmed retry-2"])
        #expect(scene.shipment.state.uploads(to: .marketplace).upload(1)?.retries == nil)
    }

    @Test func furtherParcelsFollowTheFirstOneByOne() throws {
        var scene = UploadScene()
        try scene.shipped(1)
        #expect(try scene.shipped(2, "YT0000000000021", extra: ["YT0000000000022"]) == ["shipped"])
        #expect(try scene.shipped(3, "YT0000000000031") == ["shipped"])
        #expect(scene.task()?.number == 1)
        #expect(try scene.answer() == ["upload-confirmed", "effect upload-marketplace"])
        let second = try #require(scene.task())
        #expect(second.number == 2 && second.mode == .further && second.extraNumbers == ["YT0000000000022"])
        try scene.answer()
        #expect(scene.task()?.number == 3 && scene.task()?.mode == .further)
        #expect(try scene.answer() == ["upload-confirmed"])
        #expect(scene.shipment.state.uploads(to: .marketplace).main == 1)
    }

    @Test func afterAFirstThatFailedTheNextShipsTheOrder() throws {
        var scene = UploadScene()
        try scene.shipped(1)
        try scene.shipped(2, "YT0000000000021")
        #expect(try scene.answer(UploadScene.refused) == ["upload-failed", "effect upload-marketplace"])
        #expect(scene.task()?.number == 2 && scene.task()?.mode == .first)
        try scene.answer()
        try scene.retry(1)
        #expect(scene.task()?.mode == .further)
    }

    @Test func anOrderThatIsShippedAndLacksItsFurtherNumbersIsGivenOnlyThose() throws {
        var scene = UploadScene()
        try scene.shipped(1, extra: ["YT0000000000009"])
        try scene.answer(.failed(UploadOutcome.Failure(.partnerRejected, "no"), isShipped: true))
        #expect(scene.shipment.state.uploads(to: .marketplace).main == 1)
        try scene.retry()
        #expect(scene.task()?.mode == .change && scene.task()?.extraNumbers == ["YT0000000000009"])
        try scene.answer()
        try scene.amended()
        #expect(scene.task()?.mode == .change && scene.task()?.extraNumbers == nil)
    }

    @Test func anAmendedNumberReplacesTheOneBefore() throws {
        var scene = UploadScene()
        try scene.shipped()
        try scene.answer()
        #expect(try scene.amended() == ["amended", "effect upload-marketplace"])
        #expect(scene.task()?.mode == .change && scene.task()?.waybillNumber == "YT0000000000002")
        #expect(try scene.answer() == ["upload-confirmed"])
        #expect(scene.shipment.published(UploadConfirmed.self).first?.waybillNumber == "YT0000000000002")
    }

    @Test func anAmendDuringTheUploadBeginsItAnewInItsPlace() throws {
        var scene = UploadScene()
        try scene.shipped(1)
        try scene.shipped(2, "YT0000000000021")
        #expect(try scene.amended(1) == ["amended", "effect upload-marketplace"])
        #expect(scene.task()?.number == 1 && scene.task()?.waybillNumber == "YT0000000000002" && scene.task()?.mode == .change)
        #expect(try scene.amended(2, "YT0000000000023") == ["amended"])
        try scene.answer()
        #expect(scene.task()?.number == 2 && scene.task()?.waybillNumber == "YT0000000000023")
    }

    @Test func aFurtherParcelThatIsThereIsNotToldTwice() throws {
        var scene = UploadScene()
        for number in 1...2 {
            try scene.shipped(number, "YT000000000000\(number)")
            try scene.answer()
        }
        #expect(try scene.retry(2, id: "retry-1") == ["upload-confirmed"])
        #expect(scene.shipment.answers == ["upload-confirmed retry-1"])
        #expect(try scene.retry(1) == ["effect upload-marketplace"])
    }

    @Test func retryUploadIsRefusedForWhatCannotBeTold() throws {
        var scene = UploadScene()
        #expect(try scene.retry() == ["refused not-found"])
        try scene.shipment.allocated()
        try scene.shipment.returned()
        #expect(try scene.retry() == ["refused not-shipped"])
        #expect(try scene.retry(by: Actor(.merchant, "M-2")) == ["refused forbidden"])
        #expect(try scene.retry(by: Actor(.operator, "M-1")) == ["refused forbidden"])
        try scene.shipment.ship()
        try scene.after { try $0.sealed() }
        #expect(try scene.retry(2) == ["refused not-shipped"])
        scene.shipment.tables.put(UploadScene.channel("C-1", "pinduoduo", uploads: true, state: .suspended))
        #expect(try scene.retry() == ["refused not-authorized"])
        #expect(scene.shipment.refusal?.restsOnTable == true)
        scene.shipment.tables.remove("C-1", of: .channels)
        #expect(try scene.retry() == ["refused not-found"])
        #expect(scene.shipment.refusal?.restsOnTable == true)
    }

    @Test func theERPIsToldAfterTheMarketplaceThatTheOrderHasWasAsked() throws {
        func asked(_ channelId: String?, _ change: (MemoryTables) -> Void = { _ in }) throws -> String? {
            var scene = UploadScene([.erp])
            scene.shipment.channelId = channelId
            change(scene.shipment.tables)
            try scene.shipped()
            return try #require(scene.task(.erp)).marketplaceChannelId
        }
        #expect(try asked("C-1") == "C-1" && asked(nil) == "C-1")
        // An ERP's channel, one that nobody knows, and another merchant's are none.
        #expect(try asked("C-2") == nil && asked("C-9") == nil)
        #expect(
            try asked("C-1") { tables in
                var row = UploadScene.channel("C-1", "pinduoduo", uploads: true)
                row.merchantShopId = "M-2"
                tables.put(row)
            } == nil)
        // Its consent is waited for only where it certainly is the order's.
        let suspended = UploadScene.channel("C-1", "pinduoduo", uploads: true, state: .suspended)
        #expect(try asked("C-1") { $0.put(suspended) } == "C-1" && asked(nil) { $0.put(suspended) } == nil)
    }

    @Test func anOrderWithoutAChannelIsToldToTheOnlyOneThatCanBeMeant() throws {
        func uploads(_ platform: String = "pinduoduo", _ channels: ChannelRow...) throws -> String? {
            var scene = UploadScene()
            scene.shipment.channelId = nil
            scene.shipment.platform = platform
            for channel in channels { scene.shipment.tables.put(channel) }
            try scene.shipped()
            return scene.task()?.channelId
        }
        #expect(try uploads() == "C-1")
        // Two of them are as good as none, unless consent is in force for one of them only.
        #expect(try uploads("pinduoduo", UploadScene.channel("C-3", "pinduoduo", uploads: true)) == nil)
        #expect(try uploads("pinduoduo", UploadScene.channel("C-3", "pinduoduo", uploads: false)) == nil)
        #expect(try uploads("pinduoduo", UploadScene.channel("C-3", "pinduoduo", uploads: true, state: .suspended)) == "C-1")
        #expect(try uploads("taobao") == nil)
    }

    @Test func anotherMerchantsChannelIsNone() throws {
        var scene = UploadScene()
        var row = UploadScene.channel("C-1", "pinduoduo", uploads: true)
        row.merchantShopId = "M-2"
        scene.shipment.tables.put(row)
        #expect(try scene.shipped() == ["shipped"])
        #expect(try scene.retry() == ["refused not-found"])
    }

    @Test func withoutAPolicyRetryUploadTellsItAllTheSame() throws {
        var scene = UploadScene([])
        #expect(try scene.shipped(1, extra: ["YT0000000000009"]) == ["shipped"])
        #expect(try scene.retry(1, .erp, id: "retry-1") == ["effect upload-erp"])
        #expect(scene.task(.erp)?.extraNumbers == ["YT0000000000009"])
        try scene.answer(.confirmed, .erp)
        #expect(scene.shipment.answers == ["upload-confirmed retry-1"])
    }

    @Test func anAnswerThatNobodyAskedForMeansNothing() throws {
        var scene = UploadScene()
        try scene.shipped()
        let task = try #require(scene.task())
        try scene.answer()
        let state = scene.shipment.state
        #expect(try scene.after { try $0.send(.uploaded(.marketplace, task, UploadScene.refused)) } == [])
        #expect(scene.shipment.state == state)
    }
}

/// The table in the docstring, row by row, against the machine.
struct UploadTableTests {
    static let header = "| upload | shipped | amended | retry-upload | told | not told |"

    /// Parcel 1 in the state; for "waits" behind parcel 2.
    private static func scene(_ name: String, _ column: String) throws -> UploadScene {
        var scene = UploadScene()
        let isTold = name != "none"
        if !isTold { scene.shipment.tables.put(UploadScene.channel("C-1", "pinduoduo", uploads: false)) }
        if name == "waits" { try scene.shipped(2, "YT0000000000021") }
        if column != "shipped" || isTold { try scene.shipped(1) }
        if name == "confirmed" { try scene.answer() }
        if name == "failed" { try scene.answer(UploadScene.refused) }
        if !isTold { scene.shipment.tables.put(UploadScene.channel("C-1", "pinduoduo", uploads: true)) }
        return scene
    }

    private static func send(_ column: String, _ name: String, to scene: inout UploadScene) throws -> [String] {
        switch column {
        // Another parcel of the order, where this one is told already.
        case "shipped" where name == "none": return try scene.shipped(1)
        case "shipped" where name == "waits": return try scene.after { try $0.sealed(1) }
        case "shipped": return try scene.shipped(3, "YT0000000000031")
        case "amended": return try scene.amended(1)
        case "retry-upload": return try scene.retry(1)
        case "told": return try scene.answer()
        case "not told": return try scene.answer(UploadScene.refused)
        default:
            Issue.record("the table names an input that this test does not know: \(column)")
            return []
        }
    }

    private static func cell(_ emissions: [String]) -> String {
        let names = emissions.filter { $0 != "shipped" && $0 != "amended" }.map { $0.hasPrefix("effect") ? "upload" : $0 }
        return names.isEmpty ? "–" : names.joined(separator: " ")
    }

    @Test func machineDoesWhatTheTableSays() throws {
        let rows = try docstringRows(of: "Shared/StateMachines/Shipping/Uploads/OrderUploads.swift", header: Self.header)
        #expect(rows.count == 5)
        let columns = Self.header.split(separator: "|").map { $0.trimmingPrefix(" ") }.map { String($0.dropLast()) }.filter { !$0.isEmpty }
        for row in rows {
            #expect(row.count == columns.count)
            for (column, expected) in zip(columns, row).dropFirst() {
                var scene = try Self.scene(row[0], column)
                let emissions = try Self.send(column, row[0], to: &scene)
                if expected == "waits" {
                    let stages = scene.shipment.state.uploads(to: .marketplace).parcels.map(\.stage)
                    #expect(Self.cell(emissions) == "–" && stages == [.underWay, .waiting], "\(row[0]), \(column)")
                } else {
                    #expect(Self.cell(emissions) == expected, "\(row[0]), \(column)")
                }
            }
        }
    }
}
