import Contracts
import JSON
import StateMachines
import Testing

@Suite struct BindingTableTests {
    private static func shop(_ prepare: (BindingService) -> Void) -> ShopMachine.State {
        let service = BindingService()
        prepare(service)
        service.putAddress("S", "A", as: service.state("S").row.role == .factory ? .factory : .merchant)
        return service.state("S")
    }

    private static func pair(_ state: PairState?) -> PairMachine.State {
        var pair = PairMachine.State()
        guard let state else { return pair }
        var row = BindingRow()
        row.merchantShopId = "M"
        row.factoryShopId = "F"
        row.shopAlias = "小店"
        row.sender = Verbatim(.example("张三"))
        row.state = state
        row.version = 7
        pair.row = row
        return pair
    }

    private static func introduction(applies: Bool, to factory: String) -> MerchantProfileForFactory {
        var introduction = MerchantProfileForFactory()
        introduction.merchantShopId = "M"
        introduction.factoryShopId = factory
        introduction.shopAlias = "新店"
        introduction.sender = .example("王五")
        introduction.applies = applies
        return introduction
    }

    @Test func `every row of the shop's table holds`() throws {
        var registerMerchant = RegisterMerchant()
        registerMerchant.shopId = "S"
        registerMerchant.sender = .example("张三")
        registerMerchant.acceptedTerms = Terms.required
        var registerFactory = RegisterFactory()
        registerFactory.shopId = "S"
        var merchantProfile = UpdateProfile()
        merchantProfile.shopId = "S"
        merchantProfile.shopAlias = "新店"
        var factoryProfile = UpdateProfile()
        factoryProfile.shopId = "S"
        factoryProfile.name = "新厂"
        var apply = Apply()
        apply.merchantShopId = "S"
        apply.factoryShopId = "F"

        var put = PutAddress()
        put.shopId = "S"
        put.addressId = "B"
        var remove = RemoveAddress()
        remove.shopId = "S"
        remove.addressId = "A"
        var removeUnknown = remove
        removeUnknown.addressId = "C"
        let inputs: [String: ShopMachine.Input] = [
            "register-merchant": .registerMerchant(registerMerchant), "register-factory": .registerFactory(registerFactory),
            "update-profile of a merchant": .updateProfile(merchantProfile),
            "update-profile of a factory": .updateProfile(factoryProfile), "put-address": .putAddress(put),
            "remove-address": .removeAddress(remove), "remove-address of an unknown one": .removeAddress(removeUnknown),
            "apply": .apply(apply), "an application": .introduction(MerchantToFactory(Self.introduction(applies: true, to: "S"))),
            "a new profile": .introduction(MerchantToFactory(Self.introduction(applies: false, to: "S"))),
        ]
        let states = [
            "none": Self.shop { _ in },
            "merchant": Self.shop {
                $0.registerMerchant("S")
                $0.apply("S", "F")
            },
            "factory": Self.shop { $0.registerFactory("S") },
        ]
        let table = StateTable<ShopMachine>(
            file: "Shared/StateMachines/Binding/ShopMachine.swift", states: states, inputs: inputs,
            actor: { state, input in
                let isFactory =
                    input == "register-factory" || input.hasSuffix("of a factory") || state == "factory" && input.contains("address")
                return Actor(isFactory ? .factory : .merchant, "S")
            },
            whole: Array(inputs.keys), name: { $0.row.role?.rawValue ?? "none" })
        let problems = try table.problems()
        #expect(problems == [])
    }

    @Test func `every row of the pair's table holds`() throws {
        var approve = Approve()
        approve.merchantShopId = "M"
        approve.factoryShopId = "F"
        var decline = Decline()
        decline.merchantShopId = "M"
        decline.factoryShopId = "F"
        var withdraw = Withdraw()
        withdraw.merchantShopId = "M"
        withdraw.factoryShopId = "F"
        var unbind = Unbind()
        unbind.merchantShopId = "M"
        unbind.factoryShopId = "F"
        let inputs: [String: PairMachine.Input] = [
            "approve": .approve(approve), "decline": .decline(decline), "withdraw": .withdraw(withdraw),
            "unbind by the merchant": .unbind(unbind), "unbind by the factory": .unbind(unbind),
            "an application": .introduction(FactoryToPair(Self.introduction(applies: true, to: "F"))),
            "a new profile": .introduction(FactoryToPair(Self.introduction(applies: false, to: "F"))),
        ]
        var states = ["none": Self.pair(nil)]
        for state in PairState.allCases { states[state.rawValue] = Self.pair(state) }
        let table = StateTable<PairMachine>(
            file: "Shared/StateMachines/Binding/PairMachine.swift", states: states, inputs: inputs,
            actor: { _, input in input == "withdraw" || input.hasSuffix("the merchant") ? Actor(.merchant, "M") : Actor(.factory, "F") },
            whole: Array(inputs.keys), name: { $0.row?.state.rawValue ?? "none" })
        let problems = try table.problems()
        #expect(problems == [])
    }
}
