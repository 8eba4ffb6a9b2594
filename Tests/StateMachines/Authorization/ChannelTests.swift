import Contracts
import JSON
import Machines
import StateMachines
import Testing

@Suite struct ChannelTests {
    private let scene = ChannelScene.channel()
    private let merchant = Actor(.merchant, "M1")

    @Test func whatAPlatformNeedsAndLacksIsToldAllAtOnce() {
        let bare = scene.create {
            $0.platformShopId = " "
            $0.contact = nil
            $0.company = nil
        }.refusal
        #expect(bare?.code == .channelIncomplete)
        #expect(bare?.details?["missing"]?.array?.compactMap(\.string) == ["platformShopId", "contact", "company"])
        let contact = scene.create { $0.contact?.phone = "" }.refusal
        #expect(contact?.details?["missing"]?.array?.compactMap(\.string) == ["contact.phone"])
        let erp = scene.create(.jackyun) {
            $0.appKey = nil
            $0.appSecretSealed = nil
        }.refusal
        #expect(erp?.details?["missing"]?.array?.compactMap(\.string) == ["appKey", "appSecretSealed"])
        #expect(scene.state.row.version == 0)
    }

    @Test func aChannelHasOneOwnerWithThatRole() {
        #expect(scene.create(merchant: nil).refusal?.field == "merchantShopId")
        #expect(scene.create(factory: "F1").refusal?.field == "factoryShopId")
        #expect(scene.create(as: Actor(.merchant, "M2")).refusal?.code == .forbidden)
        #expect(scene.create(as: Actor(.factory, "M1")).refusal?.code == .forbidden)
        #expect(scene.create(merchant: "F1").refusal?.code == .merchantNotRegistered)
        #expect(scene.create(merchant: nil, factory: "M1").refusal?.code == .factoryNotRegistered)
        #expect(scene.create().event(ChannelCreated.self)?.state == .created)
        #expect(scene.create(merchant: "M2").refusal?.code == .forbidden)
        #expect(scene.begin(as: Actor(.merchant, "M2")).refusal?.code == .forbidden)
        #expect(scene.setPolicy([.own], as: Actor(.factory, "M1")).refusal?.code == .forbidden)
    }

    @Test func createdAgainItIsChangedNotItsPlatformAndNotTheShopOfItsToken() {
        scene.create()
        #expect(scene.create { $0.name = "新名" }.row(ChannelRow.self)?.name == "新名")
        #expect(scene.create(.jackyun).refusal?.field == "platform")
        #expect(scene.create { $0.platformShopId = "2000" }.row(ChannelRow.self)?.platformShopId == "2000")
        scene.create()
        scene.grant()
        #expect(scene.create { $0.platformShopId = "2000" }.refusal?.field == "platformShopId")
        #expect(scene.tables.channels["C"]?.state == .active)
    }

    @Test func anERPNeedsNoConsent() throws {
        let out = scene.create(.jackyun)
        #expect(out.names == ["channel-created", "row channels", "effect seal-channel-credential", "effect seal-channel-credential"])
        #expect(out.event(ChannelCreated.self)?.authorizationId == "C")
        #expect(out.row(ChannelRow.self)?.state == .active)
        scene.sealAll()
        #expect(Set(scene.tables.credentials.keys) == ["C~waybill", "C~shipping"])
        #expect(scene.begin().refusal?.field == "channelId")
        #expect(scene.send(scene.refreshing("C"), as: merchant).refusal?.code == .notAuthorized)
        scene.create(.jackyun) { $0.appKey = "newer" }
        #expect(scene.effects(SealChannelCredential.self).map(\.version) == [2, 2])
        #expect(scene.send(scene.revocation("C"), as: merchant).names.first == "revoked")
        #expect(scene.tables.credentials.isEmpty && scene.scheduled.isEmpty)
        #expect(scene.create(.jackyun).row(ChannelRow.self)?.state == .active)
        #expect(scene.faults == [])
    }

    @Test func aSecretThatCannotBeOpenedIsRefused() {
        let refusal = scene.create(.jackyun) { $0.appSecretSealed = .secret(boundTo: "channel:D") }.refusal
        #expect(refusal?.code == .invalid && refusal?.field == "appSecretSealed")
    }

    @Test func theApplicationIsToBeOrderedFirstInThreeLanguages() throws {
        scene.create()
        let asked = try #require(scene.begin().event(ConsentRequested.self))
        #expect(asked.channelId == "C" && asked.provider == .pinduoduo && asked.merchantShopId == "M1")
        #expect(asked.authorizeUrl.hasPrefix("https://pinduoduo.example/login?app_key=platform-pdd&"))
        let order = try #require(asked.prerequisites.first)
        #expect(order.text.zh.contains("服务市场") && order.url?.hasPrefix("https://fuwu.pinduoduo.com") == true)
        scene.settings = .standard
        #expect(scene.begin().refusal?.code == .appCredentialsRequired)
        #expect(scene.begin { $0.channelId = nil }.refusal?.field == "channelId")
    }

    @Test func theShopThatLogsInMustBeTheChannels() {
        scene.create()
        for owner in ["2000", nil] {
            scene.begin()
            scene.complete()
            let failed = scene.exchanged(.tokens(.example(owner: owner))).event(ConsentFailed.self)
            #expect(failed?.reason == .shopMismatch && failed?.channelId == "C")
        }
        #expect(scene.state.row.state == .created && scene.scheduled.isEmpty)
        scene.begin()
        scene.complete()
        #expect(scene.exchanged(.failed(.applicationNotOrdered, "no")).event(ConsentFailed.self)?.reason == .applicationNotOrdered)
    }

    @Test func aGrantActivatesTheChannelAndSealsForWaybillAndShipping() {
        scene.create()
        let out = scene.grant()
        #expect(out.event(Granted.self)?.channelId == "C" && out.event(Granted.self)?.warehouseId == nil)
        #expect(out.row(ChannelRow.self)?.authorizationId == "A")
        scene.sealAll()
        #expect(Set(scene.tables.credentials.keys) == ["A~waybill", "A~shipping"])
        #expect(scene.tables.credentials["A~waybill"]?.account == "channel:C")
        // Another authorization of the same channel takes the first one's place.
        scene.grant("B")
        scene.sealAll()
        #expect(Set(scene.tables.credentials.keys) == ["B~waybill", "B~shipping"])
        #expect(scene.tables.channels["C"]?.authorizationId == "B")
        #expect(scene.faults == [])
    }

    @Test func completesOfNobodyOfOthersOfOlderOnes() throws {
        #expect(scene.complete().refusal?.code == .notFound)
        scene.create()
        scene.begin("A")
        let first = try #require(scene.state.life.consent?.state)
        scene.begin("B")
        #expect(scene.complete("A", state: first).refusal?.code == .consentUsed)
        #expect(scene.complete("A").refusal?.code == .consentStateMismatch)
        #expect(scene.complete("Z").refusal?.code == .notFound)
        #expect(scene.complete("B", as: Actor(.merchant, "M2")).refusal?.code == .forbidden)
        #expect(scene.complete("B", as: Actor(.partner, "jd-fulfillment")).refusal?.code == .forbidden)
        #expect(scene.complete("B", as: Actor(.partner, "pinduoduo")).names == ["effect exchange-channel-code"])
        #expect(scene.begin("D").names == ["no exchange-channel-code", "refused consent-used", "consent-requested"])
        #expect(scene.exchanged().names == [])
    }

    @Test func anIdThatAnotherAccountWasGrantedWithMeanwhileIsNotTakenOver() {
        // Before `begin`, before the consent comes back, and while the code is exchanged.
        func take(_ id: String) {
            let credential = CredentialRow(
                authorizationId: id, service: .shipping, provider: "", account: "channel:other",
                sealed: Sealed(keyId: "", enc: "", ciphertext: ""), version: 0)
            scene.tables.put(credential)
        }
        scene.create()
        take("A")
        #expect(scene.begin("A").refusal?.field == "authorizationId")
        scene.begin("B")
        take("B")
        #expect(scene.complete("B").refusal?.field == "authorizationId")
        scene.begin("C")
        scene.complete("C")
        take("C")
        let out = scene.exchanged()
        #expect(out.refusal?.field == "authorizationId" && out.names == ["refused invalid"])
        #expect(scene.state.row.state == .created && scene.effects(SealChannelCredential.self).isEmpty)
    }

    @Test func aRevokeEndsTheConsentThatWasToBringTheSameAuthorizationBack() throws {
        scene.create()
        scene.grant()
        scene.begin("A")
        scene.complete("A")
        let out = scene.send(scene.revocation(), as: merchant)
        #expect(out.names.contains("no exchange-channel-code"))
        #expect(out.refusal?.code == .consentUsed, "who completed is told")
        #expect(scene.exchanged().names == [])
        #expect(scene.tables.channels["C"]?.state == .suspended && scene.scheduled.isEmpty)
        scene.grant()
        scene.begin("A")
        let asked = try #require(scene.state.life.consent?.state)
        scene.send(scene.revocation(), as: merchant)
        #expect(scene.complete("A", state: asked).refusal?.code == .consentUsed)
        // Another authorization's is its own affair.
        scene.grant()
        scene.begin("B")
        scene.send(scene.revocation(), as: merchant)
        #expect(scene.complete("B").names == ["effect exchange-channel-code"])
    }

    @Test func whatHasEndedSuspendsTheChannelUntilANewConsent() {
        scene.create()
        scene.grant()
        scene.sealAll()
        #expect(scene.send(scene.refreshing(), as: merchant).names == ["effect refresh-channel-token"])
        let out = scene.refreshed(.failed(.partnerRejected, "no"))
        #expect(out.event(Expired.self)?.channelId == "C")
        #expect(scene.tables.channels["C"]?.state == .suspended && scene.tables.credentials.isEmpty && scene.scheduled.isEmpty)
        scene.grant()
        #expect(scene.tables.channels["C"]?.state == .active)
        #expect(scene.send(scene.revocation(), as: merchant).names.first == "revoked")
        #expect(scene.tables.channels["C"]?.state == .suspended && scene.scheduled.isEmpty)
        #expect(scene.send(scene.revocation(), as: merchant).refusal?.code == .notAuthorized)
    }

    @Test func aMerchantDownloadsHisOwnOrdersAFactoryAlsoThoseItWasGiven() {
        scene.create()
        #expect(scene.setPolicy([.own, .factoryDropship]).refusal?.field == "orderTypes")
        #expect(scene.setPolicy([.own, .own]).event(PolicySet.self)?.orderTypes == [.own])
        #expect(scene.tables.channels["C"]?.policy?.uploadLogistics == true)
        let factory = ChannelScene.channel()
        factory.create(merchant: nil, factory: "F1")
        let set = factory.setPolicy([.own, .factoryDropship], as: Actor(.factory, "F1")).event(PolicySet.self)
        #expect(set?.orderTypes == [.factoryDropship, .own] && set?.factoryShopId == "F1" && set?.merchantShopId == nil)
    }

    @Test(arguments: [(false, true, false), (false, false, true), (true, true, false), (true, false, true)])
    func ordersAwaitAnAuditUnlessTheyGoStraightOn(isFactory: Bool, isAudited: Bool, awaits: Bool) {
        let owner = isFactory ? Actor(.factory, "F1") : merchant
        scene.create(merchant: isFactory ? nil : "M1", factory: isFactory ? "F1" : nil)
        scene.grant(as: owner)
        scene.setPolicy([.own], as: owner, downloads: true, audited: isAudited)
        #expect(scene.effects(DownloadOrders.self).map(\.source.awaitsAudit) == [awaits, awaits])
        #expect(scene.tables.channels["C"]?.policy?.transferToAudit == isAudited)
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>) func randomInterleavings(seed: UInt64) {
        var random = Seeded(seed &* 104_729)
        scene.create()
        for _ in 0..<250 {
            step(&random)
            let life = scene.state.life
            #expect((life.grant != nil) == (scene.state.row.state == .active))
            let ends = scene.effects(RefreshChannelToken.self).count + scene.effects(ChannelTokenEnds.self).count
            #expect(ends == (life.grant == nil ? 0 : 1))
            #expect(scene.effects(ExchangeChannelCode.self).count == (life.consent?.completing == nil ? 0 : 1))
            for row in scene.tables.credentials.values {
                #expect(row.authorizationId == scene.state.row.authorizationId && life.grant != nil)
            }
            if let row = scene.tables.channels["C"] { #expect(row == scene.state.row) }
        }
        #expect(scene.faults == [])
    }

    private func step(_ random: inout Seeded) {
        let id = random.pick(["A", "B"])
        switch Int.random(in: 0..<10, using: &random) {
        case 0: scene.begin(id)
        case 1, 2: scene.complete(id)
        case 3: scene.send(scene.refreshing(id), as: merchant)
        case 4: if random.chance(40) { scene.send(scene.revocation(id), as: merchant) }
        case 5: scene.create()
        case 6: scene.setPolicy([.own])
        case 7: scene.exchanged(random.chance(70) ? .tokens(.example(owner: "1000")) : .failed(.exchangeLost, "no"))
        case 8: scene.sealAll()
        default: scene.refreshed(random.chance(70) ? .tokens(.example("b", owner: "1000")) : .failed(.partnerRejected, "no"))
        }
    }
}

@Suite struct ProvidersTests {
    private func listed(_ change: (inout ListProviders) -> Void) -> ProviderOffer? {
        var list = ListProviders(merchantShopId: "M1")
        change(&list)
        let scene = AuthorizationScene<ProvidersMachine>(key: "M1")
        return scene.send(.list(list), as: Actor(.merchant, "M1")).event(ProvidersListed.self)?.providers.first
    }

    @Test(
        arguments: [
            (nil, nil, nil), (999, nil, .convenient), (1000, nil, .standard), (1000, false, .convenient), (5, true, .convenient),
            (nil, false, .convenient), (nil, true, nil),
        ] as [(Int?, Bool?, AuthorizationMode?)])
    func theModeThatSuits(orders: Int?, canObtain: Bool?, mode: AuthorizationMode?) {
        let offer = listed {
            $0.dailyOrders = orders
            $0.canObtainAppKey = canObtain
        }
        #expect(offer?.provider == .jdFulfillment)
        #expect(offer?.recommendedMode == mode)
    }

    @Test func eachModeWithItsFieldsAndWhereTheyComeFromInThreeLanguages() throws {
        let offer = try #require(listed { _ in })
        #expect(offer.modes.map(\.mode) == [.convenient, .standard])
        #expect(offer.modes[0].requiredFields.map(\.field) == ["pin", "departmentCode", "warehouseCode"])
        #expect(offer.modes[1].requiredFields.map(\.field) == ["pin", "departmentCode", "warehouseCode", "appKey", "appSecret"])
        for field in offer.modes[1].requiredFields {
            #expect(![field.obtainFrom.zh, field.obtainFrom.vi, field.obtainFrom.en].contains(""))
        }
    }

    @Test func onlyTheMerchantHimself() {
        let list = ListProviders(merchantShopId: "M1")
        let scene = AuthorizationScene<ProvidersMachine>(key: "M1")
        #expect(scene.send(.list(list), as: Actor(.merchant, "M2")).refusal?.code == .forbidden)
    }
}
