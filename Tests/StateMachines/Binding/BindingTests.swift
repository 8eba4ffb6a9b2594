import Contracts
import JSON
import StateMachines
import Testing

@Suite struct BindingTests {
    let service = BindingService()

    private func bind(_ merchant: String, _ factory: String) {
        service.registerMerchant(merchant)
        service.registerFactory(factory)
        service.apply(merchant, factory)
        service.simulation.run()
        service.approve(merchant, factory)
    }

    // MARK: Roles and profiles

    @Test(arguments: [[], ["e-waybill-service"], ["platform-waybill"]]) func bothTermsMustBeAccepted(terms: [String]) {
        service.registerMerchant("M") { $0.acceptedTerms = terms }
        #expect(service.lastRefusal?.code == .termsNotAccepted)
        #expect(service.lastRefusal?.field == "acceptedTerms")
    }

    @Test func exactlyOneOfSenderAndSenderAddressId() {
        service.registerMerchant("M") { $0.sender = nil }
        #expect(service.lastRefusal?.code == .invalid)
        #expect(service.lastRefusal?.field == "sender")
        service.putAddress("M", "A")
        service.registerMerchant("M") { $0.senderAddressId = "A" }
        #expect(service.lastRefusal?.field == "senderAddressId")
    }

    @Test func anAddressPutBeforeRegistrationMayBeTheSender() throws {
        service.putAddress("M", "A")
        #expect(service.lastAnswer == ["address-put"])
        let before = try #require(service.simulation.tables.participant("M"))
        #expect(before.role == nil)
        #expect(before.version == 1)
        service.registerMerchant("M") {
            $0.sender = nil
            $0.senderAddressId = "A"
        }
        #expect(service.lastAnswer == ["merchant-registered"])
        let row = try #require(service.simulation.tables.participant("M"))
        #expect(row.sender?.name == "仓库 A")
        #expect(row.version == 2)
        #expect(row.addresses.map(\.addressId) == ["A"])
    }

    @Test func anUnknownAddressIsNoSender() {
        service.registerMerchant("M") {
            $0.sender = nil
            $0.senderAddressId = "A"
        }
        #expect(service.lastRefusal?.code == .invalid)
        #expect(service.lastRefusal?.field == "senderAddressId")
    }

    @Test func aRoleIsChosenOnce() {
        service.registerMerchant("S")
        service.registerMerchant("S")
        #expect(service.lastAnswer == ["refused role-already-chosen"])
        service.registerFactory("S")
        #expect(service.lastAnswer == ["refused role-already-chosen"])
    }

    @Test func aProfileHasTheFieldsOfItsRole() {
        service.registerMerchant("M")
        service.updateProfile("M", as: .merchant) { $0.contact = Contact(name: "李四", phone: "13900000000") }
        #expect(service.lastRefusal?.code == .invalid)
        #expect(service.lastRefusal?.field == "contact")
        service.registerFactory("F")
        service.updateProfile("F", as: .factory) { $0.senderAddressId = "A" }
        #expect(service.lastRefusal?.field == "senderAddressId")
        service.updateProfile("F", as: .factory) { _ in }
        #expect(service.lastRefusal?.code == .invalid)
        service.updateProfile("M", as: .merchant) {
            $0.sender = .example("")
            $0.senderAddressId = "A"
        }
        #expect(service.lastRefusal?.field == "senderAddressId")
    }

    // MARK: Addresses

    @Test func oneDefaultOfEachKind() throws {
        service.putAddress("M", "A", .return, default: true)
        service.putAddress("M", "B", .sender, default: true)
        service.putAddress("M", "C", .return, default: true)
        var row = try #require(service.simulation.tables.participant("M"))
        #expect(row.addresses.filter(\.default).map(\.addressId) == ["B", "C"])
        service.putAddress("M", "C", .return)
        row = try #require(service.simulation.tables.participant("M"))
        #expect(row.addresses.filter(\.default).map(\.addressId) == ["B", "C"])
        service.putAddress("M", "C", .sender)
        row = try #require(service.simulation.tables.participant("M"))
        #expect(row.addresses.filter(\.default).map(\.addressId) == ["B"])
        service.putAddress("M", "B", .sender, default: false)
        row = try #require(service.simulation.tables.participant("M"))
        #expect(row.addresses.filter(\.default).isEmpty)
        #expect(row.addresses.map(\.addressId) == ["A", "B", "C"])
    }

    @Test func aShopWithoutAddressesStillHasItsRow() throws {
        service.putAddress("M", "A")
        service.removeAddress("M", "A")
        #expect(service.lastAnswer == ["address-removed"])
        let row = try #require(service.simulation.tables.participant("M"))
        #expect(row.addresses.isEmpty)
        #expect(row.version == 2)
        service.removeAddress("M", "A")
        #expect(service.lastAnswer == ["refused not-found"])
    }

    // MARK: Pairs

    @Test func applyingVisitsBothShopsAndIsAnsweredOnceAtTheFactorysKey() throws {
        service.registerMerchant("M")
        service.registerFactory("F")
        #expect(service.apply("M", "F").map(\.name) == ["tell merchant-to-factory"])
        service.simulation.run()
        #expect(service.lastAnswer == ["applied"])
        guard case .event(let message, let key, _) = try #require(service.simulation.published.last { $0.name == "applied" }) else {
            Issue.record("applied is no event")
            return
        }
        #expect(key == "F")
        #expect((message as? Applied)?.shopAlias == "小店")
        let row = try #require(service.simulation.tables.binding(merchant: "M", factory: "F"))
        #expect(row.state == .pending)
        #expect(row.version == 1)
        #expect(row.updatedAt != nil)
    }

    @Test func refusalsOnTheWayCarryTheMerchantsKey() throws {
        service.registerMerchant("M")
        service.apply("M", "nobody")
        service.simulation.run()
        #expect(service.lastAnswer == ["refused factory-not-registered"])
        guard case .refusal(_, let origin) = try #require(service.simulation.published.last) else {
            Issue.record("the last one is no refusal")
            return
        }
        #expect(origin.key == "M")
        #expect(origin.type == Apply.type)
    }

    @Test func twoApplicationsAtOnceOnePendingPair() {
        service.registerMerchant("M")
        service.registerFactory("F")
        service.apply("M", "F")
        service.apply("M", "F")
        service.simulation.run()
        let names = service.simulation.published.map(\.name)
        #expect(names.filter { $0 == "applied" }.count == 1)
        #expect(names.filter { $0 == "refused binding-exists" }.count == 1)
    }

    @Test func anApplicationNeverKeepsAnOlderAlias() {
        for seed in 1...200 as ClosedRange<UInt64> {
            let service = BindingService(seed: seed)
            service.registerMerchant("M", alias: "A")
            service.registerFactory("F")
            service.apply("M", "F")
            service.updateProfile("M", as: .merchant) { $0.shopAlias = "B" }
            service.simulation.run()
            #expect(service.row("M", "F")?.shopAlias == "B")
            #expect(service.row("M", "F")?.state == .pending)
        }
    }

    @Test func aNewSenderReachesTheRowOfAnActivePairAndNoRowOfAnEndedOne() throws {
        bind("M", "F")
        service.updateProfile("M", as: .merchant) { $0.sender = .example("赵六") }
        service.simulation.run()
        #expect(service.lastAnswer == ["profile-updated"])
        let row = try #require(service.row("M", "F"))
        #expect(try row.sender.value.name == "赵六")
        #expect(row.state == .active)
        #expect(row.version == 3)
        service.unbind("M", "F", actor: Actor(.merchant, "M"))
        service.updateProfile("M", as: .merchant) { $0.sender = .example("孙七") }
        service.simulation.run()
        #expect(try service.row("M", "F")?.sender.value.name == "赵六")
        service.apply("M", "F")
        service.simulation.run()
        #expect(try service.row("M", "F")?.sender.value.name == "孙七")
    }

    @Test func theRowTellsWhyAPairEndedAndANewApplicationForgetsIt() throws {
        service.registerMerchant("M")
        service.registerFactory("F")
        service.apply("M", "F")
        service.simulation.run()
        service.decline("M", "F")
        #expect(service.row("M", "F")?.reason == "产能已满")
        service.apply("M", "F")
        service.simulation.run()
        #expect(service.row("M", "F")?.reason == nil)
        #expect(service.row("M", "F")?.version == 3)
    }

    @Test func unboundSaysWhichSideItWas() throws {
        for (actor, by) in [(Actor(.merchant, "M"), "merchant"), (Actor(.factory, "F"), "factory")] {
            let tests = BindingTests()
            tests.bind("M", "F")
            tests.service.unbind("M", "F", actor: actor)
            guard case .event(let message, _, _) = try #require(tests.service.simulation.published.last { $0.name == "unbound" }) else {
                Issue.record("unbound is no event")
                return
            }
            #expect((message as? Unbound)?.by == by)
        }
    }

    @Test func onlyTheOwnerOfASideActsForIt() {
        bind("M", "F")
        let strangers = [
            Actor(.merchant, "other"), Actor(.factory, "other"), Actor(.operator, "M"), Actor(.service, "shipping"), Actor(.partner, "F"),
        ]
        for actor in strangers {
            service.approve("M", "F", actor: actor)
            #expect(service.lastAnswer == ["refused forbidden"])
            service.decline("M", "F", actor: actor)
            #expect(service.lastAnswer == ["refused forbidden"])
            service.withdraw("M", "F", actor: actor)
            #expect(service.lastAnswer == ["refused forbidden"])
            service.unbind("M", "F", actor: actor)
            #expect(service.lastAnswer == ["refused forbidden"])
            service.apply("M", "F", actor: actor)
            #expect(service.lastAnswer == ["refused forbidden"])
        }
        service.approve("M", "F", actor: Actor(.merchant, "M"))
        #expect(service.lastAnswer == ["refused forbidden"])
        service.withdraw("M", "F", actor: Actor(.factory, "F"))
        #expect(service.lastAnswer == ["refused forbidden"])
        service.putAddress("M", "A", as: .factory)
        #expect(service.lastAnswer == ["refused forbidden"])
        service.updateProfile("F", as: .merchant) { $0.name = "厂" }
        #expect(service.lastAnswer == ["refused forbidden"])
        service.removeAddress("M", "A", as: .operator)
        #expect(service.lastAnswer == ["refused forbidden"])
    }
}
