import Contracts
import JSON
import Machines
import StateMachines
import Testing
import Threads

/// `begin` and `complete` of an account: who may, what is asked, what is refused.
@Suite struct AccountConsentTests {
    private let scene = AccountScene.pin()
    private let callback = "https://daifa.example/partners/jd-fulfillment/callback"

    @Test func aConsentLeadsToJDsLoginPageWithWhatHasToBeDoneThereInThreeLanguages() throws {
        let out = scene.begin("A") { $0.dailyOrders = 999 }
        let asked = try #require(out.event(ConsentRequested.self))
        #expect(asked.expiresAt.milliseconds == scene.now.milliseconds + 600_000)
        #expect(asked.recommendedMode == .convenient)
        #expect(
            asked.authorizeUrl
                == "https://jos.example/login?app_key=platform-jd&state=\(asked.state)&redirect_uri=\(callback)")
        let texts = asked.prerequisites.map(\.text)
        #expect(texts.contains { $0.zh.contains("消息订阅") && $0.vi.contains("Đăng ký tin nhắn") && $0.en.contains("message subscription") })
        #expect(texts.allSatisfy { !$0.zh.isEmpty && !$0.vi.isEmpty && !$0.en.isEmpty })
        #expect(scene.begin("B") { $0.dailyOrders = 1000 }.event(ConsentRequested.self)?.recommendedMode == .standard)
        #expect(scene.begin("C") { $0.api = .isc }.event(ConsentRequested.self)?.authorizeUrl.hasPrefix("https://isc.example/") == true)
    }

    @Test func eachConsentHasAStateOfItsOwnWhichNobodyCanKnowFromItsIds() throws {
        let first = try #require(scene.begin("A").event(ConsentRequested.self)?.state)
        let second = try #require(scene.begin("A").event(ConsentRequested.self)?.state)
        let other = try #require(scene.begin("B").event(ConsentRequested.self)?.state)
        #expect(Set([first, second, other]).count == 3)
        #expect(!first.contains("A"))
    }

    @Test(arguments: ["merchantShopId", "provider", "mode", "pin", "departmentCode", "warehouseCode"])
    func whatIsMissingIsNamed(field: String) {
        let refusal = scene.begin("A") { begin in
            switch field {
            case "merchantShopId": begin.merchantShopId = nil
            case "provider": begin.provider = nil
            case "mode": begin.mode = nil
            case "pin": begin.pin = " \u{3000}"
            case "departmentCode": begin.departmentCode = nil
            default: begin.warehouseCode = "  "
            }
        }.refusal
        #expect(refusal?.code == .invalid)
        #expect(refusal?.field == field)
    }

    @Test func standardNeedsTheSellersOwnApplicationConvenientThePlatforms() {
        let bare = scene.begin("A") { $0.mode = .standard }.refusal
        #expect(bare?.code == .appCredentialsRequired && bare?.field == "appKey")
        let half = scene.begin("A") {
            $0.mode = .standard
            $0.appKey = "own"
        }.refusal
        #expect(half?.code == .appCredentialsRequired && half?.field == "appSecretSealed")
        let unreadable = scene.begin("A") {
            $0.mode = .standard
            $0.appKey = "own"
            $0.appSecretSealed = .secret(boundTo: "jd-fulfillment:another-pin")
        }.refusal
        #expect(unreadable?.code == .invalid && unreadable?.field == "appSecretSealed")
        let own = scene.begin("A") {
            $0.mode = .standard
            $0.appKey = "own"
            $0.appSecretSealed = .secret(boundTo: "jd-fulfillment:pin-1")
        }
        #expect(own.event(ConsentRequested.self)?.authorizeUrl.contains("app_key=own") == true)
        scene.settings = .standard
        #expect(scene.begin("B").refusal?.code == .appCredentialsRequired)
    }

    @Test func aSecretInClearIsRefusedAndNotRepeated() {
        #expect(throws: JSONError.self) {
            try Begin.decode(Array(#"{"authorizationId":"A","appSecret":"top-secret"}"#.utf8))
        }
        do { _ = try Begin.decode(Array(#"{"authorizationId":"A","appSecret":"top-secret"}"#.utf8)) } catch {
            #expect("\(error)".contains("appSecret") && !"\(error)".contains("top-secret"))
        }
    }

    @Test func onlyTheMerchantHimselfBeginsCompletesRefreshesAndRevokes() {
        let begin = AccountScene.begin("A")
        for actor in [Actor(.merchant, "M2"), Actor(.factory, "M1"), Actor(.operator, "M1"), Actor(.partner, "jd-fulfillment")] {
            #expect(scene.send(.begin(begin), as: actor).refusal?.code == .forbidden)
        }
        scene.begin("A")
        #expect(scene.begin("A", of: "M2").refusal?.code == .forbidden)
        #expect(scene.complete("A", by: Actor(.merchant, "M2")).refusal?.code == .forbidden)
        #expect(scene.complete("A", by: Actor(.partner, "pinduoduo")).refusal?.code == .forbidden)
        #expect(scene.refresh("A", of: "M2").refusal?.code == .forbidden)
        #expect(scene.revoke("A", of: "M2").refusal?.code == .forbidden)
        #expect(scene.complete("A", by: Actor(.partner, "jd-fulfillment")).names == ["effect exchange-code"])
    }

    @Test func aShopThatIsNoMerchantMayNotBegin() {
        let refusal = scene.begin("A", of: "F1").refusal
        #expect(refusal?.code == .merchantNotRegistered)
        #expect(refusal?.restsOnTable == true)
        #expect(scene.begin("A", of: "nobody").refusal?.code == .merchantNotRegistered)
    }

    @Test func theCallbacksAddressAndTheOneOfBeginAreAcceptedOthersAreForeign() throws {
        scene.begin("A") { $0.redirectUri = "https://erp.example:443/back" }
        let state = try #require(scene.consent("A")?.state)
        for page in [
            "https://evil.example/partners/jd-fulfillment/callback", "http://daifa.example/partners/jd-fulfillment/callback",
            "https://daifa.example/partners/pinduoduo/callback", "https://daifa.example:8443/partners/jd-fulfillment/callback",
            "https://erp.example/back/", "https://erp.example/", "\(callback)/", "https://daifa.example.evil.example/back",
        ] {
            let refusal = complete(url: "\(page)?code=c&state=\(state)").refusal
            #expect(refusal?.code == .consentStateMismatch, "\(page)")
        }
        #expect(complete(url: " HTTPS://ERP.example/back?state=\(state)&code=c%2B1#_=_ ").names == ["effect exchange-code"])
        #expect(scene.effect(ExchangeCode.self)?.code == "c+1")
        // Over, it is over at its own address too.
        scene.begin("A")
        #expect(complete(url: "https://erp.example/back?code=c&state=\(state)").refusal?.code == .consentUsed)
    }

    @Test func whatThePartnerWroteIntoTheAddressGoesBeforeWhatTheUserSays() throws {
        scene.begin("A")
        let state = try #require(scene.consent("A")?.state)
        scene.complete("A") {
            ($0.code, $0.state) = (nil, nil)
            $0.redirectUrl = "\(callback)?code=c&state=\(state)&message_subscription=true"
            $0.messageSubscription = false
        }
        #expect(scene.consent("A")?.statement == true)
        #expect(scene.consent("A")?.isPartners == true)
    }

    @Test(arguments: [
        "", "nonsense", "?code=c&state=s", "https://daifa.example", "https://?code=c&state=s", "ftp://daifa.example/?code=c&state=s",
        "https://user@daifa.example/?code=c&state=s", "https://daifa.example/ x?code=c&state=s", "https://daifa.example/?code=c",
        "https://daifa.example/?state=s", "https://daifa.example/?code=&state=s", "https://daifa.example/?code=c&state=",
        "https://daifa.example/?code=c&state=s&code=d", "https://daifa.example/?code=%zz&state=s", "https://daifa.example/?error=x",
        "javascript:alert(1)?code=c&state=s",
    ])
    func whatIsNoAnswerOfALoginPageIsInvalid(url: String) {
        scene.begin("A")
        let refusal = complete(url: url).refusal
        #expect(refusal?.code == .invalid)
        #expect(refusal?.field == "redirectUrl")
        #expect(scene.link("A")?.phase == .requested)
    }

    @Test func redirectUrlOrCodeAndStateAndNotBoth() {
        scene.begin("A")
        #expect(scene.complete("A") { $0.redirectUrl = "\(callback)?code=c&state=s" }.refusal?.code == .invalid)
        #expect(scene.complete("A") { $0.code = nil }.refusal?.field == "code")
        #expect(scene.complete("A") { $0.state = nil }.refusal?.field == "state")
        #expect(
            scene.complete("A") {
                $0.code = nil
                $0.state = nil
            }.refusal?.field == "redirectUrl")
    }

    @Test func statesOfNobodyOfAnotherAuthorizationUsedSupersededAndLateOnes() throws {
        #expect(scene.complete("A").refusal?.code == .notFound)
        scene.begin("A")
        scene.begin("B")
        let first = try #require(scene.consent("A")?.state)
        #expect(scene.complete("A") { $0.state = "unknown" }.refusal?.code == .consentStateMismatch)
        let foreign = try #require(scene.consent("B")?.state)
        #expect(scene.complete("A") { $0.state = foreign }.refusal?.code == .consentStateMismatch)
        scene.begin("A")
        #expect(scene.complete("A") { $0.state = first }.refusal?.code == .consentUsed)
        let second = try #require(scene.consent("A")?.state)
        scene.complete("A")
        #expect(scene.complete("A").refusal?.code == .consentUsed)
        scene.exchanged("A")
        #expect(scene.complete("A") { $0.state = second }.refusal?.code == .consentUsed)
        scene.verified("A")
        #expect(scene.complete("A") { $0.state = second }.refusal?.code == .consentUsed)
        scene.now = Timestamp(milliseconds: scene.now.milliseconds + 600_000)
        #expect(scene.complete("B").refusal?.code == .consentExpired)
    }

    @Test func aConsentThatWasDeniedIsSaidToBe() throws {
        scene.begin("A")
        let state = try #require(scene.consent("A")?.state)
        #expect(complete(url: "\(callback)?error=access_denied&state=\(state)").refusal?.code == .consentDenied)
        #expect(complete(url: "\(callback)?error=access_denied&state=other").refusal?.code == .consentStateMismatch)
    }

    @Test(
        arguments: [
            (nil, nil, false, false, .default), (nil, true, false, true, .user), (nil, false, false, false, .user),
            (nil, true, true, true, .partner), (true, false, false, true, .partner), (false, true, false, false, .partner),
            (false, true, true, false, .partner),
        ] as [(Bool?, Bool?, Bool, Bool, SubscriptionSource)])
    func whoSaysWhetherMessagesAreSubscribedTo(token: Bool?, statement: Bool?, byPartner: Bool, isOn: Bool, source: SubscriptionSource)
        throws
    {
        scene.begin("A")
        scene.complete("A", by: byPartner ? Actor(.partner, "jd-fulfillment") : nil) { $0.messageSubscription = statement }
        scene.exchanged("A", .tokens(.example(subscription: token)))
        let out = scene.verified("A")
        let granted = try #require(out.event(Granted.self))
        #expect(granted.messageSubscription == isOn)
        #expect(granted.source == source)
        #expect(out.row(WarehouseRow.self)?.messageSubscription == isOn)
    }

    @Test func whatThePartnerDecidesIsSaidWithItsReasonAndTheConsentIsOver() {
        for reason in [ConsentFailure.partnerRejected, .exchangeLost, .applicationNotOrdered] {
            scene.begin("A")
            scene.complete("A")
            let failed = scene.exchanged("A", .failed(reason, "why")).event(ConsentFailed.self)
            #expect(failed?.reason == reason && failed?.detail == "why" && failed?.merchantShopId == "M1")
            #expect(scene.complete("A") { $0.state = scene.link("A")?.life.over.last }.refusal?.code == .consentUsed)
        }
        for reason in [ConsentFailure.departmentUnknown, .warehouseUnknown] {
            scene.begin("A")
            scene.complete("A")
            scene.exchanged("A")
            #expect(scene.verified("A", .failed(reason, nil)).event(ConsentFailed.self)?.reason == reason)
        }
        #expect(scene.state.warehouses == [] && scene.scheduled.isEmpty && scene.faults == [])
    }

    @Test func theAccountsKeyIsTrimmedInNFCAndKeepsItsCase() {
        #expect(PartnerAccount.key(.jdFulfillment, " \u{3000}Cafe\u{301}店\n") == "jd-fulfillment:Caf\u{e9}店")
        #expect(PartnerAccount.key(.jdFulfillment, "ABC") != PartnerAccount.key(.jdFulfillment, "abc"))
        #expect(PartnerAccount.key(.jdFulfillment, "\u{1112}\u{1161}\u{11ab}").map { Array($0.utf8) } == Array("jd-fulfillment:한".utf8))
        #expect(PartnerAccount.key(.jdFulfillment, "  ") == nil)
        #expect(PartnerAccount.key(.jdFulfillment, "a\u{1}b") == nil)
        #expect(PartnerAccount.parts("jd-fulfillment:a:b")?.account == "a:b")
        #expect(PartnerAccount.parts("taobao:a") == nil && PartnerAccount.parts("jd-fulfillment:") == nil)
    }

    @Test func aCommandUnderAKeyOfNoProviderIsToldSo() {
        let stray = AccountScene(key: "somewhere")
        #expect(stray.complete("A").refusal?.field == "key")
        #expect(stray.refresh("A").refusal?.field == "key")
        #expect(stray.report("A", version: 1).refusal?.field == "key")
    }

    @discardableResult
    private func complete(url: String) -> [Emission] {
        scene.complete("A") {
            $0.code = nil
            $0.state = nil
            $0.redirectUrl = url
        }
    }
}
