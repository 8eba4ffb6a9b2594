import Contracts
import JSON
import TestSupport
import Testing

extension JourneySuite {
    /// Orders that merchants have assigned to a factory on the platform: their numbers.
    @Suite struct PlatformWaybillTests {
        /// A factory with an order of the platform's, opened; its id.
        private static func opened() async throws -> (ShopScene, orderId: String) {
            let scene = try await ShopScene.linked(asFactory: true)
            let address: JSONValue = .object([
                ("province", .string("浙江省")), ("city", .string("金华市")), ("district", .string("义乌市")), ("detail", .string("稠州北路1号")),
            ])
            let account: JSONValue = .object([
                ("wpCode", .string("YTO")), ("branchCode", .string("1")), ("branchName", .string("义乌")), ("quantity", .int(100)),
                ("addresses", .array([address])),
            ])
            let mall: JSONValue = .object([
                ("mallId", .string(scene.mall)), ("name", .string("厂")), ("password", .string("sandbox")), ("role", .int(2)),
                ("waybillAccounts", .array([account])),
            ])
            try await scene.sandbox.control("seed", .object([("malls", .array([mall]))]))
            try await dropship(
                scene,
                [
                    ("mallMaskName", .string("某店")), ("factoryMallId", .string(scene.mall)), ("goodsName", .string("茶")),
                    ("goodsSpec", .string("500克")), ("goodsNumber", .int(3)), ("productSn", .string("TEA")),
                    ("outSkuSn", .string("TEA-500")),
                    ("productPrice", .int(900)), ("province", .string("浙江省")), ("city", .string("杭州市")), ("district", .string("西湖区")),
                    ("receiverId", .string("r-1")), ("remark", .string("快")),
                ])
            try await scene.setPolicy([.factoryDropship])
            let orderId = "pdd-fds:b0b0:mask-\(scene.mall)"
            _ = try await scene.client.event(Opened.self, key: orderId)
            return (scene, orderId)
        }

        private static func dropship(_ scene: ShopScene, _ changes: [(String, JSONValue)]) async throws {
            try await scene.sandbox.control(
                "dropship-order", .object([("mallMaskId", .string("b0b0")), ("orderMaskSn", .string("mask-\(scene.mall)"))] + changes))
        }

        private static func atPlatform(_ scene: ShopScene) async throws -> JSONValue {
            let orders = try await scene.sandbox.control("dropship-orders").array ?? []
            return try #require(orders.first { $0["orderMaskSn"]?.string == "mask-\(scene.mall)" })
        }

        @Test func theyAreGivenTakenBackAndReturnedByThePlatform() async throws {
            let (scene, orderId) = try await Self.opened()
            let (scenario, cast) = (scene.scenario, scene.cast)
            let allocationId = "\(orderId)/1"
            let obtained = try await scenario.accepted(scenario.factory(cast.obtain(orderId, allocationId))).body(Obtained.self)
            #expect(try await Self.atPlatform(scene)["waybillCode"]?.string == obtained.waybillNumber)
            // Again: the same number.
            let again = try await scenario.accepted(scenario.factory(cast.obtain(orderId, allocationId))).body(Obtained.self)
            #expect(again.waybillNumber == obtained.waybillNumber)

            let cancelled = try await scenario.accepted(scenario.factory(cast.cancel(orderId, allocationId)))
            #expect(cancelled.type == WaybillCancelled.type)
            #expect(try await Self.atPlatform(scene)["waybillCode"]?.string == nil)

            let number = Cast.waybillNumber()
            let extra = Cast.waybillNumber()
            let returned = try await scenario.accepted(
                scenario.factory(cast.return(orderId, allocationId, number: number, extra: [extra]))
            ).body(Returned.self)
            #expect(returned.waybillNumber == number && returned.extraNumbers == [extra])
            let order = try await Self.atPlatform(scene)
            #expect(order["returnStatus"]?.int == 1 && order["waybillCode"]?.string == number)
            #expect(order["slaves"]?.array?.compactMap(\.string) == [extra])
            // The merchant ships on the platform.
            var ship = cast.ship(orderId)
            ship.merchantShopId = "pdd:b0b0"
            try await scenario.refused(.command(ship, as: Actor(.merchant, "pdd:b0b0")), .forbidden)
            #expect(scene.client.seen { $0.type == Ready.type && $0.key == orderId }.isEmpty)
        }

        @Test func whatThePlatformRefusesIsPartnerRejectedAndTheNumberIsFreeAgain() async throws {
            let (scene, orderId) = try await Self.opened()
            let (scenario, cast) = (scene.scenario, scene.cast)
            try await scene.setPolicy([], downloads: false)
            try await Self.dropship(scene, [("status", .int(0))])
            let number = Cast.waybillNumber()
            let refused = try await scenario.refused(
                scenario.factory(cast.return(orderId, "\(orderId)/1", number: number)), .partnerRejected)
            #expect(refused.details?["partnerCode"]?.string == "21002", "\(refused.message)")
            try await scenario.refused(scenario.factory(cast.obtain(orderId, "\(orderId)/1")), .partnerRejected)
            // An order of a merchant of ours may have it.
            try await scenario.bind()
            let (other, allocationId) = try await scenario.allocated()
            try await scenario.giveBack(other, allocationId, number: number)
        }

        @Test func aLostAnswerReturnsNothingTwiceWhateverDies() async throws {
            let (scene, orderId) = try await Self.opened()
            let scenario = scene.scenario
            try await scene.sandbox.control(
                "faults",
                .object([("operation", .string("pdd.fds.waybill.return")), ("kind", .string("drop")), ("count", .int(1))]))
            let number = Cast.waybillNumber()
            let command = scenario.factory(scene.cast.return(orderId, "\(orderId)/1", number: number))
            try await scene.client.send(command)
            try await scene.until("the platform has it") { try await Self.atPlatform(scene)["returnStatus"]?.int == 1 }
            let system = scenario.system
            try await onThread { try system.restart(.waybill, crash: true) }
            let returned = try await scene.client.event(Returned.self, key: orderId)
            #expect(returned.causationId == command.id && returned.data["waybillNumber"]?.string == number)
            #expect(scene.client.answers(to: command.id).count == 1)
        }
    }

    /// A factory's ERP.
    @Suite struct FactoryERPTests {
        @Test func itGetsWhatIsAllocatedToTheFactoryAndLosesWhatIsTakenBack() async throws {
            let scenario = try await Scenario.bound()
            let erp = try await ERPScene.linked(scenario, asFactory: true)
            try await erp.setPolicy(downloads: true, types: [.factoryDropship])
            let (orderId, allocationId) = try await scenario.allocated()
            let created = try await scenario.client.event(ERPOrderCreated.self, key: orderId).body(ERPOrderCreated.self)
            #expect(created.allocationId == allocationId && created.factoryShopId == scenario.cast.factory)
            let trade = try #require(try await erp.trades(allocationId).first)
            #expect(trade["tradeNo"]?.string == created.erpNumber && trade["receiverName"] == nil)
            try await scenario.accepted(scenario.merchant(scenario.cast.deallocate(orderId)))
            let cancelled = try await scenario.client.event(ERPOrderCancelled.self, key: orderId).body(ERPOrderCancelled.self)
            #expect(cancelled.erpNumber == created.erpNumber)
            #expect(try await erp.trades(allocationId).first?["tradeStatus"]?.int == 5010)
        }

        @Test func aLostAnswerCreatesNothingTwiceWhateverDies() async throws {
            let scenario = try await Scenario.bound()
            let erp = try await ERPScene.linked(scenario, asFactory: true)
            try await erp.setPolicy(downloads: true, types: [.factoryDropship])
            try await erp.sandbox.control(
                "faults", .object([("operation", .string("oms.trade.ordercreate")), ("kind", .string("drop")), ("count", .int(1))]))
            let (orderId, allocationId) = try await scenario.allocated()
            let system = scenario.system
            try await onThread { try system.restart(.waybill, crash: true) }
            _ = try await scenario.client.event(ERPOrderCreated.self, key: orderId)
            #expect(try await erp.trades(allocationId).count == 1)
        }

        @Test func whatItHasShippedIsReturnedByItself() async throws {
            let scenario = try await Scenario.bound()
            let erp = try await ERPScene.linked(scenario, asFactory: true)
            try await erp.setPolicy(downloads: true, types: [.factoryDropship], uploads: true)
            let (orderId, allocationId) = try await scenario.allocated()
            let created = try await scenario.client.event(ERPOrderCreated.self, key: orderId).body(ERPOrderCreated.self)
            let number = Cast.waybillNumber()
            try await erp.put(
                created.erpNumber, of: allocationId, status: 6000, [("mainPostid", .string(number)), ("logisticName", .string("圆通速递"))])
            let returned = try await scenario.client.event(Returned.self, key: orderId).body(Returned.self)
            #expect(returned.carrier == "YTO" && returned.waybillNumber == number && returned.factoryShopId == scenario.cast.factory)
            let ready = try await scenario.client.event(Ready.self, key: orderId).body(Ready.self)
            #expect(ready.waybillNumber == number)
            // It is told again and again, and returned once.
            let (other, second) = try await scenario.allocated()
            let next = try await scenario.client.event(ERPOrderCreated.self, key: other).body(ERPOrderCreated.self)
            try await erp.put(
                next.erpNumber, of: second, status: 6000,
                [("mainPostid", .string(Cast.waybillNumber())), ("logisticName", .string("圆通速递"))])
            _ = try await scenario.client.event(Returned.self, key: other)
            let answers = scenario.client.seen { $0.key == orderId && ($0.type == Returned.type || $0.isRefusal) }
            #expect(answers.count == 1)
        }

        @Test func aCarrierThatNobodyKnowsIsRefusedWhereTheFactorySeesIt() async throws {
            let scenario = try await Scenario.bound()
            let erp = try await ERPScene.linked(scenario, asFactory: true)
            try await erp.setPolicy(uploads: true)
            let (orderId, allocationId) = try await scenario.allocated()
            try await erp.put(
                uniqueName("JY"), of: allocationId, status: 6000, [("mainPostid", .string("X1")), ("logisticName", .string("某某快运"))])
            let refused = try await scenario.client.first("the refusal") { $0.key == orderId && $0.isRefusal }
            #expect(refused.refused?.code == .carrierUnknown && refused.refused?.commandType == Return.type)
        }
    }

    /// Recipients that the platform has encrypted.
    @Suite struct DecryptionTests {
        @Test func theyAreDecryptedForAPartnersWarehouseAndSealedForShipping() async throws {
            let scene = try await ShopScene.linked()
            let scenario = scene.scenario
            let warehouseId = try await warehouse(scene)
            let orderSn = scene.orderSn()
            try await scene.sandbox.control("mall-order", scene.order(orderSn))
            try await scene.setPolicy([.own])
            let orderId = "pdd:\(orderSn)"
            _ = try await scene.client.event(OrderRegistered.self, key: orderId)
            let allocate = scenario.merchant(scene.cast.allocate(orderId, target: Target(.warehouse, warehouseId)))
            try await scenario.accepted(allocate)
            let resealed = try await scene.client.event(RecipientResealed.self, key: orderId)
            #expect(resealed.data["allocationId"]?.string == "\(orderId)/1")
            for secret in ["张三", "13711111111", "文三路"] { #expect(resealed.text?.contains(secret) == false) }
            _ = try await scene.client.event(OutboundCreated.self, key: orderId)
            let key = "\(orderId)/1".replacing("/", with: "_")
            let outbound = try #require(try await scene.sandbox.control("outbound?key=\(key)").array?.first)
            let consignee = outbound["consignee"]
            #expect(consignee?["name"]?.string == "张三" && consignee?["phone"]?.string == "13711111111")
            #expect(consignee?["address"]?.string?.contains("文三路") == true)
        }

        @Test func aQuotaThatIsUsedUpWaitsAndShowsInTheMetrics() async throws {
            let scene = try await ShopScene.linked()
            let warehouseId = try await warehouse(scene)
            try await scene.seedMall(decryptQuota: 0)
            let orderSn = scene.orderSn()
            try await scene.sandbox.control("mall-order", scene.order(orderSn))
            try await scene.setPolicy([.own])
            let orderId = "pdd:\(orderSn)"
            _ = try await scene.client.event(OrderRegistered.self, key: orderId)
            let allocate = scene.scenario.merchant(scene.cast.allocate(orderId, target: Target(.warehouse, warehouseId)))
            try await scene.scenario.accepted(allocate)
            let system = scene.scenario.system
            let end = ContinuousClock.now + .seconds(60)
            while try await onThread({ !Self.showsQuota(system) }), ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(try await onThread { Self.showsQuota(system) })
            // Nothing is given up because of it.
            let told = scene.client.seen { $0.key == orderId }.compactMap(\.name)
            #expect(!told.contains("recipient-refused") && !told.contains("recipient-resealed") && !told.contains("deallocated"))
        }

        private static func showsQuota(_ system: TestSupport.System) -> Bool {
            let text = system[.waybill]?.get("/metrics")?.body ?? ""
            let lines = text.split(separator: "\n").filter { $0.contains("quota-exhausted") }
            return lines.contains { $0.hasPrefix("daifa_effect_attempts_total{") && $0.contains("reseal") }
                && lines.contains { $0.hasPrefix("daifa_partner_calls_total{") && $0.contains("pdd.open.decrypt.batch") }
        }

        /// A warehouse at JD, under a PIN of the test's own.
        private func warehouse(_ scene: ShopScene) async throws -> String {
            let pin = uniqueName("pin")
            let house: JSONValue = .object([("warehouseNo", .string("110000009")), ("name", .string("仓"))])
            let department: JSONValue = .object([
                ("departmentNo", .string("EBU-\(pin)")), ("name", .string("部")), ("shops", .array([.string("ESP1")])),
                ("warehouses", .array([house])),
            ])
            let account: JSONValue = .object([
                ("pin", .string(pin)), ("password", .string("sandbox")), ("departments", .array([department])),
            ])
            try await scene.sandbox.control("seed", .object([("pins", .array([account]))]))
            let key = "jd-fulfillment:\(pin)"
            let begin = Begin(
                authorizationId: uniqueName("authorization"), merchantShopId: scene.cast.merchant, provider: .jdFulfillment,
                mode: .convenient, pin: pin, departmentCode: "EBU-\(pin)", warehouseCode: "110000009", shopNo: "ESP1", isvSource: "ISV1")
            let requested = try await scene.scenario.accepted(.command(begin, as: scene.cast.asMerchant, key: key))
            let complete = Complete(
                authorizationId: begin.authorizationId,
                redirectUrl: try await scene.sandbox.consent(requested.body(ConsentRequested.self).authorizeUrl, account: pin))
            try await scene.scenario.accepted(.command(complete, as: scene.cast.asMerchant, key: key))
            return try await scene.client.event(WarehouseCreated.self, key: key).body(WarehouseCreated.self).warehouseId
        }
    }
}
