import Contracts
import JSON
import TestSupport
import Testing
import Threads

extension JourneySuite {
    /// Orders of a merchant's own shop.
    @Suite struct OrderDownloadTests {
        @Test func anOrderIsPlacedWithItsRecipientSealed() async throws {
            let scene = try await ShopScene.linked()
            let orderSn = scene.orderSn()
            let changed = try await scene.sandbox.control("mall-order", scene.order(orderSn))["updatedAt"]
            guard case .int(let updatedAt)? = changed else {
                return #expect(Bool(false), "no time of change: \(String(describing: changed))")
            }
            try await scene.setPolicy([.own])
            let orderId = "pdd:\(orderSn)"
            let fact = try await scene.fact(OrderPlaced.self, orderId)
            // When it changed on the platform, which counts in seconds.
            #expect(fact.time == Timestamp(milliseconds: updatedAt / 1000 * 1000).description)
            #expect(fact.correlationId == nil && fact.causationId == nil)
            #expect(fact.actor == "service:authorization")
            #expect(fact.id == "\(orderId)/placed")
            let placed = try fact.body(OrderPlaced.self)
            #expect(placed.merchantShopId == scene.cast.merchant && placed.channelId == scene.channelId)
            #expect(placed.platformOrderNumber == orderSn)
            #expect(placed.recipient.city == "杭州市")
            #expect(placed.recipient.sealed != nil)
            #expect(placed.holds == nil)
            #expect(placed.lines.first?.unitPrice?.amountMinor == 1250)
            for secret in ["张三", "13711111111", "文三路"] { #expect(fact.text?.contains(secret) == false) }
            let registered = try await scene.client.event(OrderRegistered.self, key: orderId).body(OrderRegistered.self)
            #expect(registered.merchantShopId == scene.cast.merchant)
        }

        @Test(arguments: [true, false])
        func itCanBeAllocatedAtOnceOrAfterAnApprovalAsThePolicySays(straightOn: Bool) async throws {
            let scene = try await ShopScene.linked()
            try await scene.scenario.bind()
            let orderSn = scene.orderSn()
            try await scene.sandbox.control("mall-order", scene.order(orderSn))
            try await scene.setPolicy([.own], audit: straightOn)
            let orderId = "pdd:\(orderSn)"
            _ = try await scene.client.event(OrderRegistered.self, key: orderId)
            if !straightOn {
                try await scene.scenario.refused(scene.scenario.merchant(scene.cast.allocate(orderId)), .awaitingAudit)
                try await scene.scenario.accepted(scene.scenario.merchant(scene.cast.approveOrder(orderId)))
            }
            _ = try await scene.scenario.allocate(orderId)
        }

        @Test func whatThePlatformHoldsChangesAndCancelsFollows() async throws {
            let scene = try await ShopScene.linked()
            let orderSn = scene.orderSn()
            let orderId = "pdd:\(orderSn)"
            try await scene.sandbox.control("mall-order", scene.order(orderSn))
            try await scene.setPolicy([.own])
            _ = try await scene.client.event(OrderRegistered.self, key: orderId)

            try await scene.change(orderSn, "riskControlStatus", .int(1))
            _ = try await scene.fact(RiskHeld.self, orderId)
            try await scene.change(orderSn, "riskControlStatus", .int(0))
            _ = try await scene.fact(RiskCleared.self, orderId)
            _ = try await scene.client.event(OrderReleased.self, key: orderId)

            try await scene.change(orderSn, "receiverPhone", .string("13722222222"))
            let changed = try await scene.fact(AddressChanged.self, orderId)
            #expect(try changed.body(AddressChanged.self).recipient.sealed != nil)

            let number = Int.random(in: 1...1 << 40)
            func refund(_ status: Int) async throws {
                try await scene.sandbox.control(
                    "refund",
                    .object([
                        ("number", .int(number)), ("orderSn", .string(orderSn)), ("mallId", .string(scene.mall)),
                        ("afterSalesStatus", .int(status)), ("afterSalesType", .int(2)),
                    ]))
            }
            try await refund(2)
            let opened = try await scene.fact(AfterSaleOpened.self, orderId) { $0.data["afterSaleId"]?.string == "\(number)" }
            #expect(try opened.body(AfterSaleOpened.self).kind == "refund")
            try await refund(11)
            _ = try await scene.fact(AfterSaleClosed.self, orderId) { $0.data["afterSaleId"]?.string == "\(number)" }
            // The order's own word on it, if it came first, ends as well: nothing holds the order.
            _ = try await scene.client.first("the order is free") {
                $0.type == OrderReleased.type && $0.key == orderId && $0.data["holds"]?.array?.isEmpty == true
                    && ($0.time ?? "") > (opened.time ?? "")
            }

            try await scene.change(orderSn, "confirmStatus", .int(2))
            _ = try await scene.fact(OrderCancelled.self, orderId)
            _ = try await scene.client.event(OrderCancellationNoted.self, key: orderId)
            #expect(scene.facts(orderId).filter { $0 == "placed" }.count == 1)
            #expect(scene.facts(orderId).filter { $0 == "address-changed" }.count == 1)
        }

        @Test func anOrderUnderReviewIsHeldFirstAndPlacedOnceItIsCleared() async throws {
            let scene = try await ShopScene.linked()
            let orderSn = scene.orderSn()
            let orderId = "pdd:\(orderSn)"
            try await scene.sandbox.control("mall-order", scene.order(orderSn, [("riskControlStatus", .int(1))]))
            try await scene.setPolicy([.own])
            _ = try await scene.fact(RiskHeld.self, orderId)
            #expect(scene.facts(orderId) == ["risk-held"])
            try await scene.change(orderSn, "riskControlStatus", .int(0))
            let registered = try await scene.client.event(OrderRegistered.self, key: orderId).body(OrderRegistered.self)
            #expect(registered.holds == [])
        }

        @Test func nothingIsMissedOrDoubledWhenTheServiceDiesInTheMiddle() async throws {
            let scene = try await ShopScene.linked()
            let count = 330
            let orders = (1...count).map { scene.order(scene.orderSn($0)) }
            try await scene.sandbox.control("seed", .object([("mallOrders", .array(orders))]))
            try await scene.setPolicy([.own])
            let ids = Set((1...count).map { "pdd:\(scene.orderSn($0))" })
            _ = try await scene.client.first("one of the orders") { $0.topic == Topics.orders && $0.key.map(ids.contains) == true }
            let system = scene.scenario.system
            try await onThread { try system.restart(.authorization, crash: true) }
            for id in ids { _ = try await scene.fact(OrderPlaced.self, id) }
            // One that comes after them all.
            let last = scene.orderSn(count + 1)
            try await scene.sandbox.control("mall-order", scene.order(last))
            _ = try await scene.fact(OrderPlaced.self, "pdd:\(last)")
            let placed = scene.client.seen { $0.type == OrderPlaced.type && $0.key.map(ids.contains) == true }
            #expect(placed.count == count)
        }

        @Test func aMessageHasItsOrderReadAtOnceAndIsAcknowledged() async throws {
            let scene = try await ShopScene.linked()
            try await scene.setPolicy([.own])
            try await scene.messagesArePermitted()
            let mall = scene.mall
            let orderSn = scene.orderSn()
            try await scene.sandbox.control("seed", .object([("mallOrders", .array([scene.order(orderSn)]))]))
            _ = try await scene.fact(OrderPlaced.self, "pdd:\(orderSn)")
            try await scene.until("the message is acknowledged") {
                try await scene.sandbox.control("messages").array?.contains {
                    $0["mallId"]?.string == mall && $0["isAcknowledged"]?.bool == true
                } == true
            }
            try await scene.until("the order was asked for by itself") {
                try await scene.sandbox.control("calls?operation=pdd.order.information.get").array?.contains {
                    $0["key"]?.string == orderSn
                } == true
            }
        }

        @Test func withoutThePolicyNothingIsReadWithItAgainWhatHappenedMeanwhile() async throws {
            let scene = try await ShopScene.linked()
            try await scene.setPolicy([.own])
            let first = scene.orderSn(1)
            try await scene.sandbox.control("mall-order", scene.order(first))
            _ = try await scene.fact(OrderPlaced.self, "pdd:\(first)")
            try await scene.setPolicy([.own], downloads: false)
            let second = scene.orderSn(2)
            try await scene.sandbox.control("mall-order", scene.order(second))
            // Another channel's lists are read meanwhile.
            let other = try await ShopScene.linked()
            try await other.setPolicy([.own])
            try await other.sandbox.control("mall-order", other.order(other.orderSn()))
            _ = try await other.fact(OrderPlaced.self, "pdd:\(other.orderSn())")
            #expect(scene.facts("pdd:\(second)").isEmpty)
            try await scene.setPolicy([.own])
            _ = try await scene.fact(OrderPlaced.self, "pdd:\(second)")
        }

        @Test func aTokenThatEndsIsReplacedAndTheDownloadGoesOn() async throws {
            let scene = try await ShopScene.linked()
            try await scene.setPolicy([.own])
            let first = scene.orderSn(1)
            try await scene.sandbox.control("mall-order", scene.order(first))
            _ = try await scene.fact(OrderPlaced.self, "pdd:\(first)")
            try await scene.sandbox.control("tokens/expire", .object([("owner", .string(scene.mall))]))
            let second = scene.orderSn(2)
            try await scene.sandbox.control("mall-order", scene.order(second))
            _ = try await scene.fact(OrderPlaced.self, "pdd:\(second)")
            _ = try await scene.client.event(Refreshed.self, key: "channel:\(scene.channelId)")
        }

        @Test func aListThatThePlatformRefusesIsToldOnce() async throws {
            let scene = try await ShopScene.linked(asFactory: true)
            // No factory for the platform any more: its role was taken.
            try await scene.seedMall(role: 1)
            try await scene.setPolicy([.factoryDropship])
            let failed = try await scene.client.event(DownloadFailed.self, key: "channel:\(scene.channelId)").body(DownloadFailed.self)
            #expect(failed.kind == .factoryOrders && failed.factoryShopId == scene.cast.factory && failed.code != nil)
        }
    }

    /// Orders that merchants have assigned to a factory on the platform.
    @Suite struct FactoryOrderDownloadTests {
        private static func dropship(_ scene: ShopScene, _ changes: [(String, JSONValue)] = []) async throws {
            try await scene.sandbox.control(
                "dropship-order", .object([("mallMaskId", .string("a0a0")), ("orderMaskSn", .string("mask-\(scene.mall)"))] + changes))
        }

        private static func all(_ scene: ShopScene) -> [(String, JSONValue)] {
            [
                ("mallMaskName", .string("某店")), ("factoryMallId", .string(scene.mall)), ("goodsName", .string("茶")),
                ("goodsSpec", .string("500克")),
                ("goodsNumber", .int(3)), ("productSn", .string("TEA")), ("outSkuSn", .string("TEA-500")), ("productPrice", .int(900)),
                ("province", .string("浙江省")),
                ("city", .string("杭州市")), ("district", .string("西湖区")), ("receiverId", .string("r-1")), ("remark", .string("快")),
            ]
        }

        @Test func theyComeAllocatedAreTakenBackAndComeAgain() async throws {
            let scene = try await ShopScene.linked(asFactory: true)
            try await Self.dropship(scene, Self.all(scene))
            try await scene.setPolicy([.factoryDropship])
            let orderId = "pdd-fds:a0a0:mask-\(scene.mall)"
            let allocated = try await scene.client.event(Allocated.self, key: orderId).body(Allocated.self)
            #expect(allocated.target == Target(.factory, scene.cast.factory))
            #expect(allocated.merchantShopId == "pdd:a0a0" && allocated.shopAlias == "某店")
            #expect(allocated.sender == nil && allocated.recipientSealed == nil)
            let opened = try await scene.client.event(Opened.self, key: orderId).body(Opened.self)
            #expect(opened.factoryShopId == scene.cast.factory)
            try await Self.dropship(scene, [("status", .int(0))])
            _ = try await scene.fact(OrderUnallocated.self, orderId)
            let back = try await scene.client.event(Deallocated.self, key: orderId).body(Deallocated.self)
            #expect(back.reason == .merchant)
            try await Self.dropship(scene, [("status", .int(1))])
            _ = try await scene.fact(OrderReassigned.self, orderId)
            let again = try await scene.client.event(Allocated.self, key: orderId) {
                (try? $0.body(Allocated.self).allocationId) == "\(orderId)/2"
            }
            #expect(try again.body(Allocated.self).target == allocated.target)
        }

        @Test func theyWaitForTheFactorysApprovalAsItsPolicySays() async throws {
            let scene = try await ShopScene.linked(asFactory: true)
            try await Self.dropship(scene, Self.all(scene))
            try await scene.setPolicy([.factoryDropship], audit: false)
            let orderId = "pdd-fds:a0a0:mask-\(scene.mall)"
            let registered = try await scene.client.event(OrderRegistered.self, key: orderId).body(OrderRegistered.self)
            #expect(registered.holds == [.awaitingAudit])
            let approve = ApproveOrder(orderId: orderId, merchantShopId: "pdd:a0a0")
            try await scene.scenario.accepted(scene.scenario.factory(approve))
            _ = try await scene.client.event(Allocated.self, key: orderId)
        }

        @Test func aMessageHasOneReadAtOnceByTheConfiguredTopic() async throws {
            let scene = try await ShopScene.linked(asFactory: true)
            try await scene.setPolicy([.factoryDropship])
            try await scene.messagesArePermitted()
            try await Self.dropship(scene, Self.all(scene))
            let content: [(String, JSONValue)] = [("mall_mask_id", .string("a0a0")), ("order_mask_sn", .string("mask-\(scene.mall)"))]
            try await scene.sandbox.control(
                "message",
                .object([
                    ("mallId", .string(scene.mall)), ("type", .string("pdd_fds_OrderAssigned")), ("content", .object(content)),
                ]))
            try await scene.until("the order was asked for by itself") {
                try await scene.sandbox.control("calls?operation=pdd.fds.order.get").array?.contains {
                    $0["key"]?.string == "a0a0 mask-\(scene.mall)" && $0["outcome"]?.string == "ok"
                } == true
            }
            _ = try await scene.client.event(Allocated.self, key: "pdd-fds:a0a0:mask-\(scene.mall)")
        }

        @Test func anAfterSaleTakesThemBack() async throws {
            let scene = try await ShopScene.linked(asFactory: true)
            try await Self.dropship(scene, Self.all(scene))
            try await scene.setPolicy([.factoryDropship])
            let orderId = "pdd-fds:a0a0:mask-\(scene.mall)"
            _ = try await scene.client.event(Allocated.self, key: orderId)
            // Of the factories' own table: refunding.
            try await Self.dropship(scene, [("afterSalesStatus", .int(4))])
            let opened = try await scene.fact(AfterSaleOpened.self, orderId).body(AfterSaleOpened.self)
            #expect(opened.afterSaleId == orderId)
            let back = try await scene.client.event(Deallocated.self, key: orderId).body(Deallocated.self)
            #expect(back.reason == .afterSale)
        }
    }
}

extension ShopScene {
    /// The platform was asked for the mall's messages.
    func messagesArePermitted() async throws {
        try await until("messages are permitted") {
            try await sandbox.control("malls").array?.contains { $0["mallId"]?.string == mall && $0["topics"]?.array != nil } == true
        }
    }

    /// Asks the sandbox until it says so.
    func until(_ what: String, _ holds: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(Client.patience)
        while try await !holds() {
            try #require(ContinuousClock.now < deadline, "\(what): not in time")
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
