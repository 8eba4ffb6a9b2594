import Contracts
import JSON
import Machines
import StateMachines
import Testing
import Threads

/// An account once it is granted: its warehouses, its credentials, its refreshes, and its end.
@Suite struct AccountLifeTests {
    private let scene = AccountScene.pin()
    private let sealed = Sealed(keyId: "k", enc: "e", ciphertext: "c")

    private func sealAll() {
        for effect in scene.effects(SealCredential.self) { scene.answer(effect.id, .sealed(effect, sealed)) }
    }

    @Test func theWarehouseIsMadeByItselfUnderTheFirstGrantsId() throws {
        let out = scene.grant("A")
        let created = try #require(out.event(WarehouseCreated.self))
        #expect(created.code == "110-EBU1-pin-1" && created.warehouseId == "A")
        let row = try #require(out.row(WarehouseRow.self))
        #expect(row.state == .active && row.authorizationId == "A" && row.api == "eclp" && row.isvSource == "ISV1" && row.version == 1)
        let granted = try #require(out.event(Granted.self))
        #expect(granted.warehouseId == "A" && granted.code == row.code)
        // One authorization for each warehouse under the same account.
        scene.grant("B", warehouse: "220")
        #expect(scene.state.warehouses.map(\.warehouseId) == ["A", "B"])
        #expect(scene.link("A")?.phase == .granted && scene.link("B")?.phase == .granted)
    }

    @Test func aNewConsentKeepsTheWarehouseAndTakesItOverFromTheOneBefore() {
        scene.grant("A")
        sealAll()
        scene.begin("B") { $0.shopNo = "ESP1" }
        scene.complete("B")
        scene.exchanged("B")
        let out = scene.verified("B")
        #expect(out.event(WarehouseCreated.self) == nil)
        #expect(out.row(WarehouseRow.self)?.warehouseId == "A")
        #expect(scene.tables.warehouses["A"]?.authorizationId == "B")
        #expect(scene.tables.warehouses["A"]?.shopNo == "ESP1")
        #expect(scene.link("A")?.phase == .replaced)
        #expect(scene.tables.credentials.isEmpty)
        sealAll()
        #expect(Set(scene.tables.credentials.keys) == ["B~shipping", "B~console"])
        #expect(scene.refresh("A").refusal?.code == .notAuthorized)
    }

    @Test func whatANewConsentDoesNotSayStaysAsItWas() {
        scene.begin("A") { begin in
            (begin.api, begin.shopNo, begin.carrierCode, begin.isvSource) = (.isc, "ESP1", "CYS1", "ISV9")
        }
        scene.complete("A")
        scene.exchanged("A")
        scene.verified("A")
        for id in ["A", "B"] {
            scene.begin(id) { $0.supplierNo = "EMS-\(id)" }
            scene.complete(id)
            scene.exchanged(id)
            scene.verified(id)
            let row = scene.tables.warehouses["A"]
            #expect(row?.api == "isc" && row?.shopNo == "ESP1" && row?.carrierCode == "CYS1" && row?.isvSource == "ISV9")
            #expect(row?.supplierNo == "EMS-\(id)" && row?.authorizationId == id)
        }
    }

    @Test func anAuthorizationLeadsToOneWarehouse() {
        scene.grant("A")
        #expect(scene.begin("A", warehouse: "220").refusal?.field == "warehouseCode")
        #expect(scene.begin("A") { $0.departmentCode = "EBU9" }.refusal?.field == "departmentCode")
        #expect(scene.begin("A") { $0.shopNo = "ESP1" }.event(ConsentRequested.self) != nil)
    }

    @Test func anIdThatAnotherAccountOrAChannelHasIsNotTakenOver() {
        var row = WarehouseRow(
            warehouseId: "W", code: "", provider: "", merchantShopId: "M2", pin: "other", departmentCode: "", warehouseCode: "",
            messageSubscription: false, authorizationId: "", api: "", state: .active, version: 0)
        scene.tables.put(row)
        #expect(scene.begin("W").refusal?.code == .forbidden)
        row.merchantShopId = "M1"
        scene.tables.put(row)
        #expect(scene.begin("W").refusal?.field == "authorizationId")
        let credential = CredentialRow(
            authorizationId: "X", service: .shipping, provider: "", account: "channel:C",
            sealed: Sealed(keyId: "", enc: "", ciphertext: ""), version: 0)
        scene.tables.put(credential)
        #expect(scene.begin("X").refusal?.field == "authorizationId")
    }

    @Test func anIdThatAnotherAccountWasGrantedWithMeanwhileIsNotTakenOver() {
        // Before the consent comes back, while the code is exchanged, and while the codes are verified.
        var credential = CredentialRow(
            authorizationId: "", service: .shipping, provider: "", account: "jd-fulfillment:other",
            sealed: Sealed(keyId: "", enc: "", ciphertext: ""), version: 0)
        func take(_ id: String) {
            credential.authorizationId = id
            scene.tables.put(credential)
        }
        scene.begin("A")
        take("A")
        #expect(scene.complete("A").refusal?.field == "authorizationId")
        scene.begin("B", warehouse: "220")
        scene.complete("B")
        take("B")
        #expect(scene.exchanged("B").refusal?.field == "authorizationId")
        scene.begin("C", warehouse: "330")
        scene.complete("C")
        scene.exchanged("C")
        take("C")
        let out = scene.verified("C")
        #expect(out.refusal?.code == .invalid && out.names == ["refused invalid"])
        #expect(scene.state.owner == nil && scene.tables.warehouses.isEmpty)
        #expect(scene.effects(SealCredential.self).isEmpty)
    }

    @Test func aCredentialIsSealedAnewForAServiceWithAnotherKeyUnderTheSameVersion() throws {
        scene.grant("A")
        sealAll()
        var item = AccountSealOutdated(
            account: "jd-fulfillment:pin-1", seal: OutdatedSeal(authorizationId: "A", service: .console, version: 1, keyId: "new"))
        let service = Actor(.service, "authorization")
        #expect(scene.send(.sealOutdated(item), as: service).names == ["effect seal-credential"])
        let effect = try #require(scene.effect(SealCredential.self))
        #expect(effect.service == .console && effect.version == 1)
        let row = try #require(scene.answer(effect.id, .sealed(effect, sealed)).row(CredentialRow.self))
        #expect(row.key == "A~console" && row.version == 1)
        item.seal.service = .waybill
        #expect(scene.send(.sealOutdated(item), as: service).names == [])
        item.seal.service = .shipping
        scene.refreshed("A")
        #expect(scene.send(.sealOutdated(item), as: service).names == [], "a newer one is on its way")
    }

    @Test func credentialsAreSealedForShippingAndTheConsoleEachByItself() throws {
        scene.grant("A")
        let effects = scene.effects(SealCredential.self)
        #expect(effects.map(\.service).sorted { $0.rawValue < $1.rawValue } == [.console, .shipping])
        let shipping = try #require(effects.first { $0.service == .shipping })
        let row = try #require(scene.answer(shipping.id, .sealed(shipping, sealed)).row(CredentialRow.self))
        #expect(row.key == "A~shipping" && row.version == 1 && row.account == "jd-fulfillment:pin-1" && row.provider == "jd-fulfillment")
        #expect(scene.effects(SealCredential.self).map(\.service) == [.console])
    }

    @Test func aSealOfAnOlderTokenIsNotPublished() throws {
        scene.grant("A")
        let old = try #require(scene.effects(SealCredential.self).first)
        scene.refreshed("A")
        #expect(scene.answer(old.id, .sealed(old, sealed)).names == [])
    }

    @Test func tokensAreRefreshedAheadOfTheirEndNotAllAtTheSameTime() throws {
        let dues = try (1...50).map { number in
            let scene = AccountScene.pin()
            scene.grant("A\(number)")
            let due = try #require(scene.scheduled.values.first { $0.effect is RefreshToken }?.due)
            return due.milliseconds - 1_700_000_000_000
        }
        #expect(dues.allSatisfy { (69_000_000...78_000_000).contains($0) }, "between 80 and 90 % of a day")
        #expect(Set(dues).count > 40)
        // A refresh token that ends before is used while it lives.
        var tokens = ProtectedTokens.example()
        tokens.refreshExpiresAt = Timestamp(milliseconds: 1_700_000_000_000 + 3_600_000)
        scene.grant("A", tokens: tokens)
        let due = try #require(scene.scheduled.values.first { $0.effect is RefreshToken }?.due)
        #expect(due.milliseconds < 1_700_000_000_000 + 3_600_000)
    }

    @Test func aRefreshAnswersEverybodyWhoWaitsForItAndKeepsTheRefreshToken() throws {
        scene.grant("A")
        #expect(scene.refresh("A").names == ["effect refresh-token"])
        // The second is under way already: it is not begun anew.
        #expect(scene.refresh("A").names == [])
        #expect(scene.report("A", version: 1).names == [])
        let out = scene.refreshed("A", .tokens(.example("b", refresh: nil, expiresIn: 90_000_000)))
        let answered = out.compactMap { emission -> String? in
            if case .event(let message, _, let origin) = emission, message is Refreshed { return origin.id }
            return nil
        }
        #expect(answered.count == 3 && Set(answered).count == 3)
        #expect(scene.link("A")?.life.version == 2)
        #expect(scene.effect(RefreshToken.self)?.refreshToken == "protected-r")
        #expect(scene.effects(SealCredential.self).map(\.version) == [2, 2])
        // By itself it is told too, as an answer to nothing.
        let byItself = scene.refreshed("A", .tokens(.example("c")))
        #expect(byItself.names.first == "refreshed")
        if case .event(_, _, let origin) = byItself[0] { #expect(!origin.id.hasPrefix("command")) }
    }

    @Test func aReportedTokenIsRefreshedOnceForEachVersion() {
        scene.grant("A")
        #expect(scene.report("A", version: 1).names == ["effect refresh-token"])
        #expect(scene.report("A", version: 1, by: .waybill).names == [])
        scene.refreshed("A")
        #expect(scene.report("A", version: 1).names == ["refreshed"])
        #expect(scene.effects(RefreshToken.self).count == 1)
        #expect(scene.report("A", version: 2).names == ["effect refresh-token"])
        #expect(scene.report("B", version: 1).refusal?.code == .notFound)
        let report = ReportToken(authorizationId: "A", service: .shipping, version: 0)
        #expect(scene.send(.reportToken(report), as: Actor(.service, "waybill")).refusal?.code == .forbidden)
        #expect(scene.send(.reportToken(report), as: Actor(.merchant, "M1")).refusal?.code == .forbidden)
    }

    @Test func whatHasEndedSuspendsTheWarehouseAndTheAccountStaysLinked() throws {
        scene.grant("A")
        sealAll()
        scene.refresh("A")
        let out = scene.refreshed("A", .failed(.partnerRejected, "the refresh token has ended"))
        let expired = try #require(out.event(Expired.self))
        #expect(expired.warehouseId == "A" && expired.code == "110-EBU1-pin-1" && expired.reason == "the refresh token has ended")
        #expect(out.event(WarehouseSuspended.self)?.warehouseId == "A")
        #expect(scene.tables.warehouses["A"]?.state == .suspended)
        #expect(scene.tables.credentials.isEmpty && scene.scheduled.isEmpty)
        #expect(scene.begin("X", of: "M2").refusal?.code == .pinLinkedToOtherMerchant)
        #expect(scene.refresh("A").refusal?.code == .notAuthorized)
        let again = scene.grant("A")
        #expect(again.event(WarehouseResumed.self)?.warehouseId == "A" && again.event(WarehouseCreated.self) == nil)
        #expect(scene.tables.warehouses["A"]?.state == .active)
        #expect(scene.link("A")?.life.version == 2)
    }

    @Test func aTokenThatCannotBeRefreshedEndsAtItsTime() throws {
        scene.grant("A", tokens: .example(refresh: nil))
        // It is good until then: a refresh ends nothing, and says when.
        #expect(scene.refresh("A").refusal?.code == .notAuthorized && scene.tables.warehouses["A"]?.state == .active)
        let ends = try #require(scene.scheduled.values.first { $0.effect is TokenEnds })
        #expect(ends.due == Timestamp(milliseconds: 1_700_000_000_000 + 86_400_000))
        // A new consent with a refresh token takes the timer's place.
        scene.grant("A")
        #expect(scene.effects(TokenEnds.self) == [] && scene.effects(RefreshToken.self).count == 1)
        scene.grant("A", tokens: .example(refresh: nil))
        let effect = try #require(scene.effect(TokenEnds.self))
        #expect(scene.effects(RefreshToken.self) == [])
        #expect(scene.answer(effect.id, .ended(effect)).names.first == "expired")
        #expect(scene.tables.warehouses["A"]?.state == .suspended)
    }

    @Test func revokedItIsFreeAndEverythingThatWaitsIsAnswered() throws {
        scene.grant("A")
        sealAll()
        scene.refresh("A")
        scene.begin("A")
        scene.complete("A")
        let out = scene.revoke("A")
        #expect(out.names.prefix(3) == ["revoked", "warehouse-closed", "row warehouses"])
        #expect(out.names.filter { $0.hasPrefix("refused") }.sorted() == ["refused consent-used", "refused not-authorized"])
        #expect(scene.scheduled.isEmpty && scene.tables.credentials.isEmpty)
        #expect(scene.tables.warehouses["A"]?.state == .closed)
        #expect(scene.revoke("A").refusal?.code == .notAuthorized)
        // Another merchant gets a warehouse of his own.
        let other = scene.grant("X", of: "M2")
        #expect(other.event(WarehouseCreated.self)?.warehouseId == "X")
        #expect(scene.tables.warehouses["A"]?.merchantShopId == "M1" && scene.tables.warehouses["A"]?.state == .closed)
        #expect(scene.faults == [])
    }

    @Test func theSameMerchantsWarehouseComesBackUnderItsId() {
        scene.grant("A")
        scene.revoke("A")
        let out = scene.grant("B")
        #expect(out.event(WarehouseCreated.self)?.warehouseId == "A")
        #expect(scene.tables.warehouses["A"]?.authorizationId == "B")
        #expect(scene.tables.warehouses["A"]?.state == .active)
    }

    @Test func whoeverIsGrantedFirstHasTheAccountTheOthersTokensAreDiscarded() {
        for (id, merchant) in [("A", "M1"), ("B", "M2"), ("C", "M3")] {
            scene.begin(id, of: merchant)
            scene.complete(id)
        }
        scene.exchanged("A")
        scene.exchanged("B")
        #expect(scene.verified("B").event(Granted.self)?.merchantShopId == "M2")
        // One had its token already, the other's comes only now.
        #expect(scene.verified("A").names == ["refused pin-linked-to-other-merchant"])
        #expect(scene.exchanged("C").names == ["refused pin-linked-to-other-merchant"])
        #expect(scene.begin("D", of: "M1").refusal?.code == .pinLinkedToOtherMerchant)
        #expect(scene.state.links.filter { $0.life.unverified != nil } == [])
        scene.revoke("B", of: "M2")
        #expect(scene.grant("A").event(Granted.self)?.merchantShopId == "M1")
    }

    @Test func whatWasBegunAndNeverGrantedIsForgottenAfterADay() {
        for number in 1...5 { scene.begin("A\(number)", of: "M2") }
        scene.now = Timestamp(milliseconds: scene.now.milliseconds + 86_400_001)
        scene.begin("B")
        #expect(scene.state.links.map(\.authorizationId) == ["B"])
    }
}
