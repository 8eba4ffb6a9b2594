import Contracts
import JSON
import TestSupport
import Testing

extension JourneySuite {
    /// Shipped numbers on their way to the marketplace and the ERP.
    @Suite struct UploadTests {
        @Test func theMarketplaceLearnsAShippedNumberByItselfAndAnAmendedOne() async throws {
            let scene = try await UploadScene.ready()
            let (number, ship) = try await scene.ship()
            let confirmed = try await scene.confirmed(number)
            let message = try confirmed.body(UploadConfirmed.self)
            #expect(message.allocationId == scene.allocationId && message.channelId == scene.shop.channelId)
            #expect(message.merchantShopId == scene.shop.cast.merchant && message.carrier == "YTO")
            // It is progress: the command had its answer.
            #expect(confirmed.causationId != ship.id && confirmed.correlationId == ship.id)
            #expect(scene.shop.client.answers(to: ship.id).map(\.type) == [Shipped.type])
            let order = try await scene.atMarketplace()
            #expect(order["orderStatus"]?.int == 2 && order["trackingNumber"]?.string == number && order["logisticsId"]?.int == 85)

            let amended = Cast.waybillNumber()
            try await scene.scenario.accepted(
                scene.scenario.merchant(scene.shop.cast.amend(scene.orderId, scene.allocationId, number: amended)))
            _ = try await scene.confirmed(amended)
            #expect(try await scene.atMarketplace()["trackingNumber"]?.string == amended)
        }

        @Test func anAfterSaleStopsItUntilTheMerchantSendsItAgain() async throws {
            let scene = try await UploadScene.ready()
            let refund = Int.random(in: 1...1 << 40)
            try await scene.refund(2, refund)
            let (number, _) = try await scene.ship()
            let failed = try await scene.shop.client.event(UploadFailed.self, key: scene.orderId).body(UploadFailed.self)
            #expect(failed.reason == .afterSaleOpen && failed.target == .marketplace && failed.waybillNumber == number)
            #expect(try await scene.atMarketplace()["orderStatus"]?.int ?? 1 == 1)
            // Still open: the retry is answered with the same.
            let again = try await scene.scenario.accepted(scene.scenario.merchant(scene.retry))
            #expect(again.type == UploadFailed.type && again.data["reason"]?.string == "after-sale-open")
            try await scene.refund(11, refund)
            let retry = try await scene.scenario.accepted(scene.scenario.merchant(scene.retry))
            #expect(retry.type == UploadConfirmed.type)
            #expect(try await scene.atMarketplace()["trackingNumber"]?.string == number)
        }

        @Test(arguments: [false, true]) func aLostAnswerShipsNothingTwice(dies: Bool) async throws {
            let scene = try await UploadScene.ready(uploads: false)
            let (number, _) = try await scene.ship()
            try await scene.shop.sandbox.control(
                "faults",
                .object([
                    ("operation", .string("pdd.logistics.online.send")), ("kind", .string("drop")), ("count", .int(1)),
                ]))
            let retry = scene.scenario.merchant(scene.retry)
            try await scene.shop.client.send(retry)
            try await scene.shop.until("the marketplace has shipped it") { try await scene.creates() > 0 }
            if dies {
                let system = scene.scenario.system
                try await onThread { try system.restart(.shipping, crash: true) }
            }
            _ = try await scene.confirmed(number)
            #expect(try await scene.creates() == 1)
            #expect(scene.shop.client.answers(to: retry.id).map(\.type) == [UploadConfirmed.type])
        }

        @Test func withoutThePolicyNothingIsToldRetryUploadTellsItAllTheSame() async throws {
            let scene = try await UploadScene.ready(uploads: false)
            let (number, _) = try await scene.ship()
            let answer = try await scene.scenario.accepted(scene.scenario.merchant(scene.retry))
            #expect(answer.type == UploadConfirmed.type && answer.data["waybillNumber"]?.string == number)
            #expect(scene.shop.client.seen { $0.type == UploadConfirmed.type && $0.key == scene.orderId }.count == 1)
        }

        @Test func whatTheMarketplaceRefusesIsTold() async throws {
            let scene = try await UploadScene.ready()
            try await scene.shop.change(scene.orderSn, "confirmStatus", .int(2))
            try await scene.ship()
            let failed = try await scene.shop.client.event(UploadFailed.self, key: scene.orderId).body(UploadFailed.self)
            #expect(failed.reason == .partnerRejected && failed.partnerCode == "21002" && failed.message?.isEmpty == false)
        }

        @Test func aTokenThatEndsIsReplacedAndTheNumberArrives() async throws {
            let scene = try await UploadScene.ready()
            try await scene.shop.sandbox.control("tokens/expire", .object([("owner", .string(scene.shop.mall))]))
            let (number, _) = try await scene.ship()
            _ = try await scene.confirmed(number)
            _ = try await scene.shop.client.event(Refreshed.self, key: "channel:\(scene.shop.channelId)")
        }

        @Test func twoParcelsOfAnOrderOneShipsItTheOtherGoesBesideIt() async throws {
            let scene = try await UploadScene.ready()
            let lines = [LineQuantity(lineId: "1", quantity: 2)]
            let first = try await scene.scenario.allocate(scene.orderId, lines: lines)
            let second = try await scene.scenario.allocate(scene.orderId, lines: [LineQuantity(lineId: "2", quantity: 3)])
            let one = try await scene.scenario.giveBack(scene.orderId, first)
            let two = try await scene.scenario.giveBack(scene.orderId, second)
            try await scene.scenario.accepted(scene.scenario.merchant(scene.shop.cast.ship(scene.orderId, allocationId: second)))
            _ = try await scene.confirmed(two)
            try await scene.scenario.accepted(scene.scenario.merchant(scene.shop.cast.ship(scene.orderId, allocationId: first)))
            _ = try await scene.confirmed(one)
            let order = try await scene.atMarketplace()
            #expect(order["trackingNumber"]?.string == two)
            // After an answer that did not come in time it is sent again: nobody can be asked whether it is there.
            #expect(Set(order["extraParcels"]?.array?.compactMap { $0["trackingNumber"]?.string } ?? []) == [one])
        }

        @Test func retryUploadWhoseOrderWhetherItIsShippedAndWhereTo() async throws {
            let scene = try await UploadScene.ready()
            let scenario = scene.scenario
            _ = try await scenario.allocate(scene.orderId)
            try await scenario.refused(scenario.merchant(scene.retry), .notShipped)
            try await scenario.refused(.command(scene.retry, as: Actor(.merchant, "somebody-else")), .forbidden)
            try await scenario.giveBack(scene.orderId, scene.allocationId)
            try await scenario.accepted(scenario.merchant(scene.shop.cast.ship(scene.orderId)))
            var toERP = scene.retry
            toERP.target = .erp
            try await scenario.refused(scenario.merchant(toERP), .notFound)
        }

        @Test func theMerchantsERPLearnsItByTheMarketplacesNumber() async throws {
            let scenario = try await Scenario.bound()
            let erp = try await ERPScene.linked(scenario)
            try await erp.setPolicy(uploads: true)
            let (orderId, allocationId) = try await scenario.allocated()
            let trade = uniqueName("JY")
            try await erp.put(trade, of: "no-\(orderId)")
            let number = try await scenario.giveBack(orderId, allocationId)
            try await scenario.accepted(scenario.merchant(scenario.cast.ship(orderId)))
            let confirmed = try await scenario.client.event(UploadConfirmed.self, key: orderId).body(UploadConfirmed.self)
            #expect(confirmed.target == .erp && confirmed.channelId == erp.channelId && confirmed.waybillNumber == number)
            let there = try #require(try await erp.trades("no-\(orderId)").first)
            #expect(there["mainPostid"]?.string == number && there["tradeStatus"]?.int == 6000)
            #expect(there["logisticName"]?.string == "圆通速递")
        }

        @Test func anOrderThatTheERPDoesNotKnowIsTold() async throws {
            let scenario = try await Scenario.bound()
            let erp = try await ERPScene.linked(scenario)
            try await erp.setPolicy(uploads: true)
            let (orderId, allocationId) = try await scenario.shipped()
            let failed = try await scenario.client.event(UploadFailed.self, key: orderId).body(UploadFailed.self)
            #expect(failed.reason == .orderUnknown && failed.target == .erp && failed.allocationId == allocationId)
        }
    }
}
