import Contracts
import Crypto
import HTTP
import JSON
import Testing
import Texts

@testable import Console

@Suite struct MerchantPagesSuite {
    private static let returns = StoredAddress(
        addressId: "r1", kind: .return, name: "Returns", phone: "13700000000", address: TopicLog.sender.address, default: true)

    /// Orders in several states, a bound factory, a return address.
    private static var everything: TopicLog {
        var log = TopicLog()
        log.merchant(addresses: [returns])
        log.registered()
        log.row(
            BindingRow(
                merchantShopId: "m1", factoryShopId: "f1", state: .active, shopAlias: "Alias", sender: Verbatim(TopicLog.sender),
                version: 1,
                updatedAt: MerchantFixture.now))
        for order in ["open", "given", "back"] { log.placed(order) }
        log.placed("held", holds: [.afterSale])
        log.placed("other", merchant: "m2")
        for order in ["given", "back"] { log.allocated(order) }
        log.ready("back", "SF1000000000001")
        return log
    }

    // MARK: To do and profile

    @Test func whatIsToDoLeadsIntoFilteredLists() async throws {
        let page = await (try MerchantFixture(Self.everything)).get("/m/m1").page
        for text in ["1 order to allocate", "1 order ready to ship", "1 order held"] { #expect(page.contains(text), "\(text)") }
        #expect(page.contains("href=\"/m/m1/orders?state=held\""))
    }

    @Test func aNewMerchantIsToldTheFiveSteps() async throws {
        let page = await (try MerchantFixture()).get("/m/m1").page
        #expect(page.contains("Five steps to the first parcel") && page.contains("href=\"/m/m1/setup\""))
    }

    @Test func theRoleNeedsBothAgreements() async throws {
        let fixture = try MerchantFixture()
        let typed = [
            ("shopAlias", "<i>Shop</i>"), ("sender", "Zhang"), ("phone", "13800138000"), ("province", "P"), ("city", "C"), ("detail", "D"),
            ("e-waybill-service", "yes"),
        ]
        let answer = await fixture.post("/m/m1/setup", typed)
        #expect(answer.status == 400 && fixture.sent.list.isEmpty)
        #expect(answer.page.contains("href=\"#platform-waybill\"") && answer.page.contains("value=\"&lt;i&gt;Shop&lt;/i&gt;\""))
        let accepted = await fixture.post("/m/m1/setup", typed + [("platform-waybill", "yes")])
        #expect(accepted.status == 303 && accepted.headerText("location") == "/m/m1")
        let command = try #require(fixture.sent.list.first)
        #expect(command.type == "binding.register-merchant" && command.data["acceptedTerms"]?.array?.count == 2)
        #expect(command.data["sender"]?["address"]?["city"]?.string == "C")
    }

    /// The secret is sealed anew each time: that makes no other request of it.
    @Test func aChannelWithASecretThatIsSentTwiceIsOne() async throws {
        let fixture = try MerchantFixture(Self.everything)
        let typed = [("platform", "jackyun"), ("channelName", "ERP"), ("appKey", "a"), ("appSecret", "s"), ("key", "k1")]
        for _ in 0..<2 {
            let answer = await fixture.post("/m/m1/channels", typed)
            #expect(answer.status == 303 && answer.headerText("location") == "/m/m1/channels?saved=1")
        }
        #expect(fixture.sent.list.map(\.type) == ["authorization.create-channel"])
        let other = await fixture.post("/m/m1/channels", typed.filter { $0.0 != "appKey" } + [("appKey", "b")])
        #expect(other.status == 409 && fixture.sent.list.count == 1)
    }

    @Test func aProfileThatWasChangedMeanwhileIsNotOverwritten() async throws {
        let fixture = try MerchantFixture(Self.everything)
        let answer = await fixture.post(
            "/m/m1/setup",
            [
                ("seen", "2"), ("shopAlias", "Mine"), ("sender", "Zhang"), ("phone", "13800138000"), ("province", "P"), ("city", "C"),
                ("detail", "D"),
            ])
        #expect(answer.status == 409 && fixture.sent.list.isEmpty)
        #expect(answer.page.contains("Changed by somebody else") && answer.page.contains("value=\"Mine\""))
    }

    @Test func aFormOfAnotherPageIsRefused() async throws {
        let fixture = try MerchantFixture(Self.everything)
        #expect(await fixture.post("/m/m1/factories", [("factoryShopId", "f9")], csrf: false).status == 403)
        #expect(fixture.sent.list.isEmpty)
    }

    // MARK: Factories

    @Test func aFactoryIsAppliedToByItsShopId() async throws {
        let fixture = try MerchantFixture(Self.everything)
        #expect(await fixture.post("/m/m1/factories", [("factoryShopId", " f9 "), ("message", "hello")]).status == 303)
        let command = try #require(fixture.sent.list.first)
        #expect(
            command.type == "binding.apply" && command.data["factoryShopId"]?.string == "f9" && command.data["message"]?.string == "hello")
    }

    @Test func aFactoryThatIsNoneIsSaidBesideTheInput() async throws {
        let fixture = try MerchantFixture(Self.everything, answers: ["binding.apply": "factory-not-registered"])
        let answer = await fixture.post("/m/m1/factories", [("factoryShopId", "f9")])
        #expect(answer.status == 409 && answer.page.contains("href=\"#factoryShopId\"") && answer.page.contains("value=\"f9\""))
    }

    @Test func unbindingSaysWhatFollowsBeforeItIsDone() async throws {
        let fixture = try MerchantFixture(Self.everything)
        let asked = await fixture.get("/m/m1/factories/f1/unbind").page
        #expect(asked.contains("Unbind Works") && asked.contains("data-confirm-body") && fixture.sent.list.isEmpty)
        #expect(await fixture.post("/m/m1/factories/f1/unbind", []).status == 303)
        #expect(fixture.sent.list.first?.type == "binding.unbind")
    }

    // MARK: Orders

    @Test func theListShowsOwnOrdersAlone() async throws {
        let page = await (try MerchantFixture(Self.everything)).get("/m/m1/orders").page
        #expect(page.contains("N-open") && page.contains("N-held") && !page.contains("N-other"))
        #expect(page.contains("Number returned") || page.contains("Ready to ship"))
    }

    @Test func tabsAndFiltersNarrowTheList() async throws {
        let fixture = try MerchantFixture(Self.everything)
        let held = await fixture.get("/m/m1/orders", [("state", "held")]).page
        #expect(held.contains("N-held") && !held.contains("N-open"))
        let found = await fixture.get("/m/m1/orders", [("text", "N-ba"), ("hold", ""), ("from", "no day")]).page
        #expect(found.contains("N-back") && !found.contains("N-open"))
        #expect(await fixture.get("/m/m1/orders", [("text", "nothing")]).page.contains("Nothing matches"))
    }

    @Test func goodsAndRemarksAreTextAndNothingElse() async throws {
        var log = Self.everything
        log.placed("nasty", name: "<script>alert(1)</script>", remark: "\"><img src=x>")
        let fixture = try MerchantFixture(log)
        for path in ["/m/m1/orders", "/m/m1/orders/nasty"] {
            let page = await fixture.get(path).page
            #expect(page.contains("&lt;script&gt;") && !page.contains("<script>alert") && !page.contains("<img"))
        }
    }

    @Test func anotherShopsOrderIsNotFound() async throws {
        let fixture = try MerchantFixture(Self.everything)
        #expect(await fixture.get("/m/m1/orders/other").status == 404)
        #expect(await fixture.get("/m/m2/orders").status == 404)
    }

    @Test func anOrderShowsItsHoldAndItsParts() async throws {
        let fixture = try MerchantFixture(Self.everything)
        #expect(await fixture.get("/m/m1/orders/held").page.contains("The buyer asked for an after-sale"))
        let back = await fixture.get("/m/m1/orders/back").page
        #expect(back.contains("SF1000000000001") && back.contains("Factory Works") && back.contains("/m/m1/orders/ship?order=back"))
    }

    // MARK: Steps with orders

    @Test func allocatingNamesTheLinesThatWereShown() async throws {
        let fixture = try MerchantFixture(Self.everything)
        let asked = await fixture.get("/m/m1/orders/allocate", [("order", "open")]).page
        #expect(asked.contains("value=\"factory:f1\"") && asked.contains("Allocate 1 order"))
        let answer = await fixture.post(
            "/m/m1/orders/allocate",
            [("confirmed", "yes"), ("order", "open"), ("target", "factory:f1"), ("of", "open"), ("line", "1"), ("quantity", "1")])
        #expect(answer.status == 303 && answer.headerText("location") == "/m/m1/orders/open")
        let command = try #require(fixture.sent.list.first)
        #expect(command.type == "allocation.allocate" && command.data["lines"]?[0]?["quantity"]?.int == 1)
    }

    @Test func manyAreABatchThatSaysWhatIsLeftOut() async throws {
        var log = Self.everything
        log.placed("second")
        let fixture = try MerchantFixture(log)
        let orders = [("order", "open"), ("order", "second"), ("order", "held"), ("order", "given")]
        let asked = await fixture.post("/m/m1/orders/allocate", orders).page
        #expect(asked.contains("Allocate 2 orders") && asked.contains("2 will be skipped") && fixture.sent.list.isEmpty)
        let lines = [("of", "open"), ("line", "1"), ("quantity", "2"), ("of", "second"), ("line", "1"), ("quantity", "2")]
        let answer = await fixture.post("/m/m1/orders/allocate", [("confirmed", "yes"), ("target", "factory:f1")] + orders + lines)
        let page = try #require(answer.headerText("location"))
        #expect(answer.status == 303 && page.hasPrefix("/m/m1/batches/") && fixture.sent.list.count == 2)
        #expect(await fixture.get(page).page.contains("All 2 were accepted."))
    }

    @Test func halfASuccessIsToldByReason() async throws {
        var log = Self.everything
        log.placed("second")
        let fixture = try MerchantFixture(log, answers: ["allocation.allocate": "binding-not-active"])
        let lines = [("of", "open"), ("line", "1"), ("quantity", "2"), ("of", "second"), ("line", "1"), ("quantity", "2")]
        let answer = await fixture.post(
            "/m/m1/orders/allocate",
            [("confirmed", "yes"), ("target", "factory:f1"), ("order", "open"), ("order", "second")] + lines)
        let page = await fixture.get(try #require(answer.headerText("location"))).page
        #expect(page.contains("None of the 2 was accepted.") && page.contains("Send the 2 refused again"))
        #expect(page.contains("href=\"/m/m1/orders/open\"") && !page.contains("message good"))
    }

    @Test func shippingNamesTheAllocationAndTheReturnAddress() async throws {
        let fixture = try MerchantFixture(Self.everything)
        let asked = await fixture.post("/m/m1/orders/ship", [("order", "back"), ("order", "given")]).page
        #expect(asked.contains("Ship 1 order") && asked.contains("1 will be skipped") && asked.contains("Returns 13700000000"))
        let answer = await fixture.post(
            "/m/m1/orders/ship",
            [("confirmed", "yes"), ("order", "back"), ("of", "back"), ("allocation", "back/1"), ("returnAddress", "r1")])
        #expect(answer.status == 303)
        let command = try #require(fixture.sent.list.first)
        #expect(command.type == "shipping.ship" && command.data["allocationId"]?.string == "back/1")
        #expect(command.data["returnAddressId"]?.string == "r1")
    }

    @Test func aNewReturnAddressIsStoredBeforeItIsShippedWith() async throws {
        let fixture = try MerchantFixture(Self.everything)
        let answer = await fixture.post(
            "/m/m1/orders/ship",
            [
                ("confirmed", "yes"), ("order", "back"), ("of", "back"), ("allocation", "back/1"), ("returnAddress", "new"),
                ("sender", "Li"), ("phone", "13800138000"), ("province", "P"), ("city", "C"), ("detail", "D"),
            ])
        #expect(answer.status == 303)
        let sent = fixture.sent.list
        #expect(sent.map(\.type) == ["binding.put-address", "shipping.ship"])
        #expect(sent.first?.data["addressId"]?.string == sent.last?.data["returnAddressId"]?.string)
    }

    @Test func takingBackNamesTheAllocation() async throws {
        let fixture = try MerchantFixture(Self.everything)
        let answer = await fixture.post(
            "/m/m1/orders/deallocate", [("confirmed", "yes"), ("order", "given"), ("of", "given"), ("allocation", "given/1")])
        #expect(answer.status == 303 && fixture.sent.list.first?.data["allocationId"]?.string == "given/1")
    }

    // MARK: Fulfilment and channels

    @Test func aSecretIsSealedForAuthorizationAndNeverSentInClear() async throws {
        let fixture = try MerchantFixture(Self.everything)
        let answer = await fixture.post(
            "/m/m1/fulfilment/begin",
            [
                ("mode", "standard"), ("pin", "pin-1"), ("departmentCode", "D1"), ("warehouseCode", "W1"), ("appKey", "key"),
                ("appSecret", "top secret"),
            ])
        #expect(answer.status == 303 && answer.headerText("location")?.hasPrefix("/m/m1/authorizations/") == true)
        let command = try #require(fixture.sent.list.first)
        #expect(command.key == "jd-fulfillment:pin-1" && command.data["appSecret"] == nil)
        let sealed = try #require(command.data["appSecretSealed"])
        let pair = try #require(MerchantFixture.sealing)
        let opened = try HPKE.open(
            HPKE.Sealed(
                enc: try #require(Base64.decode(sealed["enc"]?.string ?? "")),
                ciphertext: try #require(Base64.decode(sealed["ciphertext"]?.string ?? ""))),
            with: pair, info: Array(SealInfo.appSecret.utf8), aad: Array("jd-fulfillment:pin-1".utf8))
        #expect(opened == Array("top secret".utf8))
    }

    @Test func aSecretNeverComesBackInAPage() async throws {
        let fixture = try MerchantFixture(Self.everything)
        let answer = await fixture.post("/m/m1/fulfilment/begin", [("mode", "standard"), ("appSecret", "top secret"), ("appKey", "key")])
        #expect(answer.status == 400 && !answer.page.contains("top secret") && answer.page.contains("value=\"key\""))
    }

    @Test func aChannelNeedsWhatItsPlatformRequires() async throws {
        let fixture = try MerchantFixture(Self.everything)
        let answer = await fixture.post("/m/m1/channels", [("platform", "pinduoduo"), ("channelName", "Shop")])
        #expect(answer.status == 400 && answer.page.contains("href=\"#company\"") && fixture.sent.list.isEmpty)
    }

    // MARK: Every page

    @Test(arguments: Language.allCases) func everyPageIsInItsLanguageAndComplete(_ language: Language) async throws {
        for log in [TopicLog(), Self.everything] {
            let fixture = try MerchantFixture(log, language: language)
            for path in [
                "", "/setup", "/factories", "/orders", "/batches", "/addresses", "/addresses/new", "/rules", "/rules/new", "/imports",
                "/fulfilment", "/fulfilment/begin", "/authorizations", "/warehouses", "/stock", "/inbounds", "/inbounds/new", "/channels",
                "/channels/new",
            ] {
                let answer = await fixture.get("/m/m1\(path)")
                #expect(answer.status == 200, "\(path)")
                #expect(answer.page.contains("<html lang=\"\(language.tag)\"") && answer.page.contains("<h1>"), "\(path)")
                #expect(answer.page.firstRange(of: /\{[a-z]+\}/) == nil || path == "/orders" || path == "/imports", "\(path): a slot")
            }
        }
    }
}
